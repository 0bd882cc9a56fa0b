// Owns the staged faults of the registry and of the way from a client to it.
import { writeAll } from '../sources.ts';
import { HOST } from '../world.ts';
import type { FaultRow } from './row.ts';

const PULL =
  '"Action":\\["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer","ecr:BatchCheckLayerAvailability"\\]';

export const REGISTRY_FAULTS: readonly FaultRow[] = [
  {
    name: 'another kind of registry',
    host: 'ghcr.io',
    path: '/team/app:1',
    status: 'broken',
    text: /^"ghcr\.io" is not a registry of Amazon ECR$/,
    fix: /^name its host/,
  },
  {
    name: "a registry that Docker's config does not name",
    arrange: ({ writeDocker }) => writeDocker({ credHelpers: { [HOST]: 'ecr-login' } }),
    path: '',
    status: 'broken',
    text: /^docker: \S+ sends 127\.0\.0\.1:\d+ to no helper$/,
    fix: /^docker-credential-ecr-login configure 127\.0\.0\.1:\d+$/,
  },
  {
    name: "a registry that Docker's config sends elsewhere",
    arrange(clinic) {
      clinic.writeScript('bin/docker-credential-pass', 'exit 1');
      clinic.writeDocker({ credHelpers: { [HOST]: 'ecr-login' }, credsStore: 'pass' });
    },
    path: '',
    status: 'broken',
    text: /^docker: \S+ sends 127\.0\.0\.1:\d+ to docker-credential-pass$/,
    fix: /^docker-credential-ecr-login configure 127\.0\.0\.1:\d+$/,
  },
  {
    name: 'a login of this session that Podman prefers',
    arrange(clinic) {
      const auths = { [clinic.registry.host]: { auth: 'QVdTOmNhbmFyeQ==' } };
      writeAll(clinic, { 'run/containers/auth.json': JSON.stringify({ auths }) });
      return { XDG_RUNTIME_DIR: `${clinic.home.directory}/run` };
    },
    path: '',
    status: 'warning',
    text: /^podman: \S+\/run\/containers\/auth\.json has a login for 127\.0\.0\.1:\d+, which is used instead of this helper$/,
    fix: /^podman logout --authfile \S+ 127\.0\.0\.1:\d+$/,
  },
  {
    name: 'a registry that takes no token',
    options: { mood: 'unauthorized' },
    path: '/team/app:1.0',
    status: 'broken',
    text: /\/v2\/ does not accept the token that AWS gave for us-east-1 \(status 401\): Not Authorized: Basic … …$/,
    fix: /^check that us-east-1 is the region of the registry/,
  },
  {
    name: 'a registry of another region',
    options: { mood: 'other-region' },
    path: '/team/app:1.0',
    status: 'broken',
    text: /does not accept the token that AWS gave for us-east-1 \(status 400\): Your Authorization Token is invalid$/,
    fix: /^check that us-east-1 is the region of the registry/,
  },
  {
    name: 'a token that the registry calls expired',
    options: { mood: 'expired' },
    path: '/team/app:1.0',
    status: 'broken',
    text: /\(status 403\): Your authorization token has expired\. Reauthenticate and try again$/,
    fix: /^check that us-east-1/,
  },
  {
    name: 'the sign-in page of a network',
    options: { mood: 'portal' },
    path: '/team/app:1.0',
    status: 'broken',
    text: /^the registry 127\.0\.0\.1:\d+ gave an answer that cannot be used \(https:\S+\): it is an HTML page, as a proxy or the sign-in page of a network sends it$/,
    fix: /proxy/,
  },
  {
    name: 'a redirect to a sign-in page',
    options: { mood: 'redirect' },
    path: '/team/app:1.0',
    status: 'broken',
    text: /\/v2\/ answers with status 302, which no registry does$/,
    fix: /captive portal$/,
  },
  {
    name: 'a server that is no registry',
    options: { mood: 'not-a-registry' },
    path: '/team/app:1.0',
    status: 'broken',
    text: /\/v2\/ answers with status 404, which no registry does$/,
    fix: /^check what stands at that address/,
  },
  {
    name: 'a registry that fails',
    options: { mood: 'down' },
    path: '/team/app:1.0',
    status: 'broken',
    text: /\/v2\/ fails \(status 503\): Service Unavailable$/,
    fix: /^try again in a minute/,
  },
  {
    name: 'a registry with an expired certificate',
    options: { certificate: 'expired' },
    path: '',
    status: 'broken',
    text: /^cannot verify the TLS certificate of https:\/\/127\.0\.0\.1:\d+: it has expired$/,
    fix: /^check the clock/,
  },
  {
    name: 'a registry with the certificate of another host',
    options: { certificate: 'otherHost' },
    path: '',
    status: 'broken',
    text: /^cannot verify the TLS certificate of https:\/\/127\.0\.0\.1:\d+: it is for another host name$/,
    fix: /./,
  },
  {
    name: 'an authority that is not trusted',
    arrange: () => ({ AWS_CA_BUNDLE: undefined }),
    path: '',
    status: 'broken',
    text: /it is from an authority that is not trusted here \(trusted: the public authorities, the system store\)$/,
    fix: /^set AWS_CA_BUNDLE/,
  },
  {
    name: 'no such repository',
    path: '/nothing:1.0',
    status: 'broken',
    text: /^there is no repository "nothing" in \S+: The repository with name 'nothing' does not exist in the registry with id '123456789012'$/,
    fix: /aws ecr describe-repositories --registry-id 123456789012 --region us-east-1$/,
  },
  {
    name: 'no such tag',
    path: '/team/app:2.0',
    status: 'broken',
    text: /^the repository "team\/app" holds no image 2\.0: Requested image not found$/,
    fix: /aws ecr list-images --registry-id 123456789012 --region us-east-1 --repository-name team\/app$/,
  },
  {
    name: 'a policy of the identity',
    path: '/private:1.0',
    status: 'broken',
    text: /^the identity may not pull \S+\/private:1\.0: User: \S+ is not authorized to perform: ecr:BatchGetImage .* no identity-based policy allows/,
    fix: new RegExp(
      `^add to a policy of role puller: \\{"Effect":"Allow",${PULL},"Resource":"arn:aws:ecr:us-east-1:123456789012:repository/private"\\}$`,
    ),
  },
  {
    name: "the repository's policy",
    path: '/theirs:1.0',
    status: 'broken',
    text: /no resource-based policy allows the ecr:BatchGetImage action$/,
    fix: new RegExp(
      `^add to the repository's policy \\(aws ecr get-repository-policy .* --repository-name theirs\\): \\{"Effect":"Allow",${PULL},"Principal":\\{"AWS":"arn:aws:iam::123456789012:role/puller"\\}\\}$`,
    ),
  },
  {
    name: 'a policy of the organization',
    path: '/forbidden:1.0',
    status: 'broken',
    text: /with an explicit deny in a service control policy$/,
    fix: /^take the deny of ecr:BatchGetImage out of the service control policy/,
  },
  {
    name: 'a refusal without a reason',
    path: '/quiet:1.0',
    status: 'broken',
    text: /^the identity may not pull \S+: requested access to the resource is denied$/,
    fix: /^add to a policy of the identity: .*; for an identity of another account also add to the repository's policy /,
  },
  {
    name: 'a manifest that fails',
    path: '/broken:1.0',
    status: 'broken',
    text: /\/broken:1\.0 cannot be pulled: status 500: internal error$/,
    fix: /^try again in a minute/,
  },
  {
    name: 'too many pulls',
    path: '/busy:1.0',
    status: 'broken',
    text: /^the registry throttles requests for \S+: Rate exceeded$/,
    fix: /^try again in a minute$/,
  },
];
