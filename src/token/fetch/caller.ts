// Owns the question to STS who the caller is, for `doctor`, and what its answer says of this machine's clock.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { HelperError } from '../../errors.ts';
import { clientSettings } from './client.ts';
import { stsEndpoint } from './credentials.ts';
import { type FetchRequest, inSession } from './session.ts';

/** The caller as AWS knows it. */
export interface CallerIdentity {
  readonly arn: string;
  /** How far AWS's clock is ahead of this machine's, in ms; the HTTP header is good to a second. */
  readonly clockSkewMs: number;
}

/** Who the declared source's keys belong to; throws a {@link HelperError}. */
export async function callerIdentity(request: FetchRequest): Promise<CallerIdentity> {
  return inSession(request, async (keys, context, report) => {
    const endpoint = stsEndpoint(undefined, context);
    const service = `AWS STS in ${endpoint.region}`;
    report({ what: `asking ${service} who the caller is`, service });
    let skewMs = 0;
    const transport = context.transport;
    const client = new STSClient(
      clientSettings({
        ...context,
        endpoint,
        keys,
        transport: {
          ...transport,
          // The SDK mends a wrong clock in silence and tries again; the first answer tells how wrong it was.
          async handle(sent, options) {
            const { response } = await transport.handle(sent, options);
            const date = Date.parse(response.headers.date ?? '');
            if (!Number.isNaN(date)) skewMs = date - Date.now();
            return { response };
          },
        },
      }),
    );
    const { Arn } = await client.send(new GetCallerIdentityCommand({}));
    if (Arn === undefined)
      throw new HelperError({ kind: 'bad-response', service, reason: 'it names no caller' });
    return { arn: Arn, clockSkewMs: skewMs };
  });
}
