// Owns the call of ECR Public's GetAuthorizationToken, which only us-east-1 answers. Must not judge the answer.
// https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_GetAuthorizationToken.html
import { ECRPUBLICClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr-public';
import type { ClientSettings } from './client.ts';

/** The authorization data, unchecked. */
export async function requestToken(
  settings: ClientSettings,
): Promise<{ authorizationToken?: unknown; expiresAt?: unknown }> {
  const { authorizationData } = await new ECRPUBLICClient(settings).send(
    new GetAuthorizationTokenCommand({}),
  );
  return authorizationData ?? {};
}
