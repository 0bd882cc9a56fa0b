// Owns the call of ECR's GetAuthorizationToken. Must not judge the answer.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html
import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import type { ClientSettings } from './client.ts';

/** The first authorization data, unchecked. No registryIds: deprecated, and the token serves every registry the caller may reach. */
export async function requestToken(
  settings: ClientSettings,
): Promise<{ authorizationToken?: unknown; expiresAt?: unknown }> {
  const { authorizationData } = await new ECRClient(settings).send(new GetAuthorizationTokenCommand({}));
  return authorizationData?.[0] ?? {};
}
