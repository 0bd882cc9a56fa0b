// Owns one exchange: a request's bytes in, exact stdout, stderr and exit code out (rules of docker-credential-helpers,
// credentials.HandleCommand, and what thirty clients make of it). Must not know AWS, and does no I/O.
import { type Action, type CredentialHelper, NO_SERVER_URL, type Outcome, Refusal } from './messages.ts';
import { decodeRequest, readCredentials, readServerUrl } from './request.ts';

/** Carries out one action for the request's bytes; never throws for what a client sent, only for bugs of ours. */
export async function serve(action: Action, request: Uint8Array, helper: CredentialHelper): Promise<Outcome> {
  try {
    return { stdout: await answer(action, request, helper), stderr: '', exitCode: 0 };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return {
      stdout: `${error.message}\n`,
      stderr: error.stderr.map((line) => `${line}\n`).join(''),
      exitCode: 1,
    };
  }
}

async function answer(action: Action, request: Uint8Array, helper: CredentialHelper): Promise<string> {
  switch (action) {
    case 'get': {
      const { ServerURL, Username, Secret } = await helper.get(readServerUrl(decodeRequest(request)));
      // Exactly three keys, all strings: Nomad decodes into map[string]string.
      return `${JSON.stringify({ ServerURL, Username, Secret })}\n`;
    }
    case 'store':
      await helper.store(readCredentials(decodeRequest(request)));
      return '';
    case 'erase':
      await erase(request, helper);
      return '';
    case 'list':
      // The input is `unused` from Docker, nothing from docker-py: it is drained by the caller and not looked at.
      return `${JSON.stringify(await helper.list())}\n`;
  }
}

/** A failing erase crashes the podman, skopeo and buildah of Debian 12, so only empty input fails. */
async function erase(request: Uint8Array, helper: CredentialHelper): Promise<void> {
  let serverUrl: string;
  try {
    serverUrl = readServerUrl(decodeRequest(request));
  } catch (error) {
    if (error instanceof Refusal && error.message !== NO_SERVER_URL) return;
    throw error;
  }
  await helper.erase(serverUrl);
}
