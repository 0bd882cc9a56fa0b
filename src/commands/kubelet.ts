// Owns `kubelet`: one request of a kubelet on stdin, one response on stdout, as a credential provider plugin
// (https://kubernetes.io/docs/tasks/administer-cluster/kubelet-credential-provider/). Loaded past commander, since a node that
// starts asks for every image at once. Must not ask a person anything, and must not say a secret on stderr.
import { safeUrl } from '../aws/endpoint.ts';
import type { Source } from '../aws/source.ts';
import { compose, explain } from '../compose.ts';
import { HelperError, problemOf } from '../errors.ts';
import {
  KUBELET_REQUEST_LIMIT,
  type KubeletRequest,
  keepMs,
  kubeletResponse,
  parseKubeletRequest,
  RequestError,
  registryOfImage,
} from '../kubelet/protocol.ts';
import type { Outcome } from '../protocol/messages.ts';
import { PROGRAM } from '../version.ts';

export { KUBELET_REQUEST_LIMIT };

/** The annotation of a service account that names its role, as upstream's plugin has it. */
export const ROLE_ANNOTATION = 'eks.amazonaws.com/ecr-role-arn';
/** The role of service accounts that have no such annotation. */
export const ROLE_VARIABLE = 'AWS_ECR_ROLE_ARN';

/** The kubelet kills a plugin after 60 s, and then nobody learns why: whatever AWS_ECR_TIMEOUT says, the end comes before. */
const LIMIT_MS = 50_000;

/** Answers one request; every failure is exit 1 with nothing on stdout, and the kubelet logs what stands on stderr. */
export async function answerKubelet(bytes: Uint8Array, env: NodeJS.ProcessEnv): Promise<Outcome> {
  let request: KubeletRequest;
  try {
    request = parseKubeletRequest(bytes);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return failed([
      `${PROGRAM}: kubelet: ${error.message}`,
      'hint: run by a kubelet; see docs/kubernetes.md',
    ]);
  }
  const registry = registryOfImage(request.image);
  const { authorizer, log } = compose(env);
  try {
    const target = authorizer.target(registry);
    if (target === undefined) throw new HelperError({ kind: 'not-ecr', host: registry });
    const source = serviceAccountSource(request, env);
    if (source === undefined && request.serviceAccountToken !== undefined)
      log.info('service account names no role, going on with the credentials of the node', { registry });
    const { token } = await withinLimit(
      authorizer.authorize(target, {
        interactive: false,
        ...(source === undefined ? {} : { source }),
      }),
    );
    const { apiVersion } = request;
    const { username, password, expiresAt } = token;
    return {
      stdout: kubeletResponse({
        apiVersion,
        registry,
        username,
        password,
        keepMs: keepMs(expiresAt, Date.now()),
      }),
      stderr: '',
      exitCode: 0,
    };
  } catch (error) {
    const problem = problemOf(error);
    if (problem.kind === 'internal' && error instanceof Error) log.error(error.stack ?? error.message);
    const { lines, stdout } = await explain(safeUrl(registry), problem);
    log.error(stdout);
    return failed(lines);
  }
}

/**
 * The role of the pod's service account, where the kubelet sent its token and somebody named a role. It stands over the
 * registry rules of the node: they say what the node may pull with, and the pod shall have no more than its own.
 */
function serviceAccountSource(
  { serviceAccountToken: token, serviceAccountAnnotations }: KubeletRequest,
  env: NodeJS.ProcessEnv,
): Source | undefined {
  if (token === undefined) return undefined;
  const annotated = serviceAccountAnnotations[ROLE_ANNOTATION];
  const roleArn = annotated || env[ROLE_VARIABLE];
  if (!roleArn) return undefined;
  if (!/^arn:[a-z0-9-]+:iam::[0-9]{12}:role\/[\x21-\x7e]+$/.test(roleArn))
    throw new HelperError({
      kind: 'setting-invalid',
      name: annotated ? `annotation ${ROLE_ANNOTATION}` : ROLE_VARIABLE,
      value: roleArn,
      wanted: 'the ARN of a role, arn:aws:iam::<account>:role/<name>',
    });
  return { kind: 'service-account', roleArn, token };
}

async function withinLimit<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new HelperError({ kind: 'timed-out', step: 'answering the kubelet', limitMs: LIMIT_MS })),
      LIMIT_MS,
    );
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function failed(lines: readonly string[]): Outcome {
  return { stdout: '', stderr: lines.map((line) => `${line}\n`).join(''), exitCode: 1 };
}
