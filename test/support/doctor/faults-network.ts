// Owns the staged faults of the way to AWS, and of AWS itself.
import type { FaultRow } from './row.ts';

export const NETWORK_FAULTS: readonly FaultRow[] = [
  {
    name: 'STS out of reach',
    arrange: () => ({ AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:9' }),
    path: '',
    status: 'warning',
    text: /^AWS STS does not say who the caller is: cannot connect to http:\/\/127\.0\.0\.1:9: connection refused$/,
    fix: /^pulls do not need it; /,
  },
  {
    name: 'ECR out of reach',
    arrange: () => ({ AWS_ENDPOINT_URL_ECR: 'http://127.0.0.1:9' }),
    path: '',
    status: 'broken',
    text: /^cannot connect to http:\/\/127\.0\.0\.1:9: connection refused$/,
    fix: /^check the network, the firewall and AWS_ENDPOINT_URL/,
  },
  {
    name: 'an endpoint that is no URL',
    arrange: () => ({ AWS_ENDPOINT_URL_ECR: 'ecr.internal' }),
    path: '',
    status: 'broken',
    text: /^cannot use AWS_ENDPOINT_URL_ECR "ecr\.internal": must be a URL/,
    fix: /^correct AWS_ENDPOINT_URL_ECR$/,
  },
  {
    name: 'a bundle of authorities that is not there',
    arrange: () => ({ AWS_CA_BUNDLE: '/nowhere/ca.pem' }),
    path: '',
    status: 'broken',
    text: /^cannot use \/nowhere\/ca\.pem, named by AWS_CA_BUNDLE: cannot read it: ENOENT$/,
    fix: /^correct AWS_CA_BUNDLE/,
  },
  {
    name: 'a proxy that is not there',
    arrange: () => ({ AWS_ENDPOINT_URL_ECR: 'https://ecr.test', HTTPS_PROXY: 'http://127.0.0.1:9' }),
    path: '',
    status: 'broken',
    text: /^the proxy http:\/\/127\.0\.0\.1:9 does not connect to https:\/\/ecr\.test: connection refused$/,
    fix: /HTTPS_PROXY/,
  },
  {
    name: 'a throttled account',
    arrange: ({ aws }) => void aws.fault({ service: 'ecr' }, { kind: 'throttled' }),
    path: '',
    status: 'broken',
    text: /^Amazon ECR in us-east-1 throttles this account's requests$/,
    fix: /^try again in a minute/,
  },
  {
    name: 'an outage',
    arrange: ({ aws }) => void aws.fault({ service: 'ecr' }, { kind: 'internal-error' }),
    path: '',
    status: 'broken',
    text: /^Amazon ECR in us-east-1 failed: ServerException \(status 500\)/,
    fix: /^try again in a minute/,
  },
];
