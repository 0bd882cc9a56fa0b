// Owns the settings that every AWS client of this program has in common: what is said here is what the SDK would otherwise
// look for by itself in the environment and in files. Must not make a client.
import type { Endpoint, EndpointSettings } from '../../aws/endpoint.ts';
import type { AwsKeys } from '../../aws/source.ts';
import type { Log } from '../../log.ts';
import type { Registry } from '../../registry.ts';
import { PROGRAM, VERSION } from '../../version.ts';
import type { HttpHandler } from './transport.ts';

/** What the steps of one fetch share. */
export interface FetchContext {
  readonly settings: EndpointSettings;
  readonly registry: Registry;
  readonly transport: HttpHandler;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Whether a person may be asked for an MFA code. */
  readonly interactive: boolean;
  /** A command line that prints the MFA code. */
  readonly mfaCommand?: string;
  /** Does what waits for a person; the limit of the fetch stands still meanwhile. */
  readonly aside: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Settings of any SDK client; region and endpoint are explicit, so that no file or variable decides behind our back. */
export interface ClientSettings {
  readonly region: string;
  readonly endpoint?: string;
  readonly useFipsEndpoint: boolean;
  readonly useDualstackEndpoint: boolean;
  readonly credentials?: AwsKeys;
  readonly requestHandler: HttpHandler;
  readonly maxAttempts: number;
  readonly retryMode: 'standard';
  readonly defaultsMode: 'standard';
  readonly logger: typeof SILENT;
  /** Every override is found by `aws/endpoint.ts`; the SDK would look into the profile of AWS_PROFILE, whoever is asking. */
  readonly ignoreConfiguredEndpointUrls: true;
  readonly customUserAgent: [string, string][];
  readonly userAgentAppId: () => Promise<string | undefined>;
}

/** The SDK prints through this and so prints nothing. */
export const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** First try and two more, with the SDK's back-off and jitter; the limit of the whole fetch stands above them. */
const MAX_ATTEMPTS = 3;

/** Client settings for one endpoint, signing with `keys` where there are any. */
export function clientSettings(request: {
  readonly transport: HttpHandler;
  readonly settings: EndpointSettings;
  readonly endpoint: Endpoint;
  readonly keys?: AwsKeys;
}): ClientSettings {
  const { transport, settings, endpoint, keys } = request;
  const { env, shared, profile } = settings;
  const appId = env.AWS_SDK_UA_APP_ID || shared.profiles.get(profile)?.get('sdk_ua_app_id');
  return {
    region: endpoint.region,
    useFipsEndpoint: endpoint.fips,
    useDualstackEndpoint: endpoint.dualStack,
    requestHandler: transport,
    maxAttempts: MAX_ATTEMPTS,
    retryMode: 'standard',
    defaultsMode: 'standard',
    logger: SILENT,
    ignoreConfiguredEndpointUrls: true,
    customUserAgent: [[PROGRAM, VERSION]],
    userAgentAppId: async () => appId,
    ...(endpoint.url === undefined ? {} : { endpoint: endpoint.url }),
    ...(keys === undefined ? {} : { credentials: keys }),
  };
}
