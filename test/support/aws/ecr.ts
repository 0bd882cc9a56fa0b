// ECR's and ECR Public's GetAuthorizationToken: permission, token form, JSON 1.1 replies.
// Owns minted tokens; it must not look at signatures.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html
// https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_GetAuthorizationToken.html

import { randomBytes, randomUUID } from 'node:crypto';
import { jsonObject } from './answer.ts';
import { AwsError, commonError, deniedError } from './errors.ts';
import type { Caller } from './iam.ts';
import type { MintedToken, Reply, WireRequest } from './model.ts';

/** The token mint of one loopback; `tokenLifeMs` is the life of a new token in ms (12 hours at AWS). */
export interface Mint {
  readonly now: () => number;
  readonly tokenLifeMs: number;
  readonly mintedTokens: MintedToken[];
}

const DNS_SUFFIX: Readonly<Record<string, string>> = {
  aws: 'amazonaws.com',
  'aws-us-gov': 'amazonaws.com',
  'aws-cn': 'amazonaws.com.cn',
  'aws-iso': 'c2s.ic.gov',
  'aws-iso-b': 'sc2s.sgov.gov',
  'aws-iso-e': 'cloud.adc-e.uk',
  'aws-iso-f': 'csp.hci.ic.gov',
  'aws-eusc': 'amazonaws.eu',
};

/** Answers GetAuthorizationToken of a private registry: one element for the caller's account or for each registry ID. */
export function answerEcr(mint: Mint, request: WireRequest, caller: Caller, operation: string): Reply {
  if (operation !== 'GetAuthorizationToken') throw commonError('ecr', 'unknown-operation');
  const registryIds = parseRegistryIds(request.body);
  if (caller.key.mayGetToken === false) throw deniedError('ecr', caller.arn, 'ecr:GetAuthorizationToken');
  const ids = registryIds.length > 0 ? registryIds : [caller.account];
  const authorizationData = ids.map((registryId) => {
    const suffix = DNS_SUFFIX[caller.arn.split(':')[1] ?? ''] ?? 'amazonaws.com';
    const proxyEndpoint = `https://${registryId}.dkr.ecr.${caller.region}.${suffix}`;
    const token = mintToken(mint, {
      service: 'ecr',
      registryId,
      region: caller.region,
      arn: caller.arn,
      proxyEndpoint,
    });
    return { ...wireForm(token), proxyEndpoint };
  });
  return jsonReply({ authorizationData });
}

/** Answers GetAuthorizationToken of ECR Public, which also needs `sts:GetServiceBearerToken`. */
export function answerEcrPublic(mint: Mint, caller: Caller, operation: string): Reply {
  if (operation !== 'GetAuthorizationToken') throw commonError('ecr-public', 'unknown-operation');
  if (caller.key.mayGetToken === false) {
    throw deniedError('ecr-public', caller.arn, 'ecr-public:GetAuthorizationToken');
  }
  if (caller.key.mayGetBearerToken === false) {
    throw deniedError('ecr-public', caller.arn, 'sts:GetServiceBearerToken');
  }
  const token = mintToken(mint, {
    service: 'ecr-public',
    registryId: caller.account,
    region: caller.region,
    arn: caller.arn,
    proxyEndpoint: undefined,
  });
  return jsonReply({ authorizationData: wireForm(token) });
}

function parseRegistryIds(body: Buffer): string[] {
  const { registryIds: ids } = jsonObject(body);
  if (ids === undefined || ids === null) return [];
  if (Array.isArray(ids) && ids.length > 0 && ids.length <= 10 && ids.every(isRegistryId)) return ids;
  const message =
    "Invalid parameter at 'registryIds' failed to satisfy constraint: 'must be 1 to 10 account IDs'";
  throw new AwsError('InvalidParameterException', 400, message);
}

function isRegistryId(value: unknown): value is string {
  return typeof value === 'string' && /^\d{12}$/.test(value);
}

function mintToken(mint: Mint, token: Omit<MintedToken, 'password' | 'expiresAt'>): MintedToken {
  const expiresAt = mint.now() + mint.tokenLifeMs;
  const password = Buffer.from(
    JSON.stringify({
      payload: randomBytes(1150).toString('base64'),
      datakey: randomBytes(160).toString('base64'),
      version: '2',
      type: 'DATA_KEY',
      expiration: Math.floor(expiresAt / 1000),
    }),
  ).toString('base64');
  const minted = { ...token, password, expiresAt };
  mint.mintedTokens.push(minted);
  return minted;
}

function wireForm(token: MintedToken): { authorizationToken: string; expiresAt: number } {
  return {
    authorizationToken: Buffer.from(`AWS:${token.password}`).toString('base64'),
    // JSON protocols carry times as seconds with a fraction.
    expiresAt: token.expiresAt / 1000,
  };
}

function jsonReply(value: unknown): Reply {
  return {
    status: 200,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() },
    body: JSON.stringify(value),
  };
}
