// Owns one exchange: a request's bytes in, exact stdout, stderr and exit code out (rules of docker-credential-helpers,
// credentials.HandleCommand, and what thirty clients make of it). Must not know AWS, and does no I/O.
import {
  type Action,
  type CredentialHelper,
  type Neighbour,
  NO_SERVER_URL,
  type Outcome,
  Refusal,
} from './messages.ts';
import { decodeRequest, readCredentials, readServerUrl } from './request.ts';

/**
 * Carries out one action for the request's bytes; never throws for what a client sent, only for bugs of ours. With a
 * neighbour, requests for server URLs that are not ours go to it.
 */
export async function serve(action: Action, request: Uint8Array, helper: CredentialHelper): Promise<Outcome>;
export async function serve(
  action: Action,
  request: Uint8Array,
  helper: CredentialHelper,
  neighbour: Neighbour | undefined,
): Promise<Outcome<string | Uint8Array>>;
export async function serve(
  action: Action,
  request: Uint8Array,
  helper: CredentialHelper,
  neighbour?: Neighbour,
): Promise<Outcome<string | Uint8Array>> {
  try {
    return await answer(action, request, helper, neighbour);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return {
      stdout: `${error.message}\n`,
      stderr: error.stderr.map((line) => `${line}\n`).join(''),
      exitCode: 1,
    };
  }
}

async function answer(
  action: Action,
  request: Uint8Array,
  helper: CredentialHelper,
  neighbour: Neighbour | undefined,
): Promise<Outcome<string | Uint8Array>> {
  switch (action) {
    case 'get': {
      const serverUrl = readServerUrl(decodeRequest(request));
      if (neighbour?.owns(serverUrl)) return neighbour.pass(action, request);
      const { ServerURL, Username, Secret } = await helper.get(serverUrl);
      // Exactly three keys, all strings: Nomad decodes into map[string]string.
      return success(`${JSON.stringify({ ServerURL, Username, Secret })}\n`);
    }
    case 'store': {
      const message = readCredentials(decodeRequest(request));
      if (neighbour?.owns(message.ServerURL)) return neighbour.pass(action, request);
      await helper.store(message);
      return success('');
    }
    case 'erase': {
      const serverUrl = readErased(request);
      if (serverUrl === undefined) return success('');
      if (neighbour?.owns(serverUrl)) return neighbour.pass(action, request);
      await helper.erase(serverUrl);
      return success('');
    }
    case 'list': {
      // The input is `unused` from Docker, nothing from docker-py: it is drained by the caller and not looked at.
      const own = await helper.list();
      return success(`${JSON.stringify({ ...(await neighbour?.list(request)), ...own })}\n`);
    }
  }
}

function success(stdout: string): Outcome {
  return { stdout, stderr: '', exitCode: 0 };
}

/** A failing erase crashes the podman, skopeo and buildah of Debian 12, so only empty input fails; undefined for all else that is no server URL. */
function readErased(request: Uint8Array): string | undefined {
  try {
    return readServerUrl(decodeRequest(request));
  } catch (error) {
    if (error instanceof Refusal && error.message !== NO_SERVER_URL) return undefined;
    throw error;
  }
}
