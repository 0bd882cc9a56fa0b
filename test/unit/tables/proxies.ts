// The rules for proxies as rows: which URL goes through which proxy, each rule with a twin that it must not reach.
// Owns no check of them.

/** A URL that most rows ask about. */
export const ECR = 'https://api.ecr.us-east-1.amazonaws.com/';
const PLAIN = 'http://api.ecr.us-east-1.amazonaws.com/';
/** The proxy of most rows. */
export const PROXY = 'http://proxy.test:3128';
const P = PROXY;
const Q = 'http://other.test:8080';

/** URL, variables, the proxy's origin or undefined for none. */
export type ProxyRow = readonly [
  url: string,
  env: Readonly<Record<string, string>>,
  origin: string | undefined,
];

/** A row for NO_PROXY: named hosts go direct, others through the proxy. */
const through = (url: string, NO_PROXY: string): ProxyRow => [url, { ALL_PROXY: P, NO_PROXY }, P];
const past = (url: string, NO_PROXY: string): ProxyRow => [url, { ALL_PROXY: P, NO_PROXY }, undefined];

/** Rows by subject. */
export const PROXIES: Readonly<Record<string, readonly ProxyRow[]>> = {
  variables: [
    [ECR, {}, undefined],
    [ECR, { HTTPS_PROXY: P }, P],
    [ECR, { https_proxy: P }, P],
    [ECR, { HTTPS_PROXY: P, https_proxy: Q }, P],
    [ECR, { HTTPS_PROXY: '', https_proxy: Q }, Q],
    [ECR, { HTTP_PROXY: P, http_proxy: P }, undefined],
    [ECR, { HTTPS_PROXY: P, ALL_PROXY: Q }, P],
    [ECR, { ALL_PROXY: P, all_proxy: Q }, P],
    [ECR, { all_proxy: Q }, Q],
    [PLAIN, { HTTP_PROXY: P }, P],
    [PLAIN, { http_proxy: P }, P],
    [PLAIN, { HTTP_PROXY: P, http_proxy: Q }, P],
    [PLAIN, { HTTPS_PROXY: P }, undefined],
    [PLAIN, { ALL_PROXY: Q }, Q],
    [PLAIN, { HTTP_PROXY: P, REQUEST_METHOD: 'GET' }, undefined],
    [PLAIN, { http_proxy: P, REQUEST_METHOD: 'GET' }, P],
    [PLAIN, { HTTP_PROXY: P, REQUEST_METHOD: '' }, P],
    [ECR, { HTTPS_PROXY: P, REQUEST_METHOD: 'GET' }, P],
    [ECR, { ALL_PROXY: 'socks5h://proxy.test:1080' }, undefined],
    [ECR, { ALL_PROXY: 'socks5://proxy.test', HTTPS_PROXY: P }, P],
  ],
  'forms of a proxy': [
    [ECR, { HTTPS_PROXY: 'proxy.test:3128' }, P],
    [ECR, { HTTPS_PROXY: 'http://proxy.test' }, 'http://proxy.test:80'],
    [ECR, { HTTPS_PROXY: 'https://proxy.test' }, 'https://proxy.test:443'],
    [ECR, { HTTPS_PROXY: 'HTTP://Proxy.Test:3128/path' }, P],
    [ECR, { HTTPS_PROXY: ' http://proxy.test:3128 ' }, P],
    [ECR, { HTTPS_PROXY: 'http://user:password@proxy.test:3128' }, P],
    [ECR, { HTTPS_PROXY: 'user:password@proxy.test:3128' }, P],
    [ECR, { HTTPS_PROXY: 'http://[fd00::1]:3128' }, 'http://[fd00::1]:3128'],
    [ECR, { HTTPS_PROXY: 'http://127.0.0.1:3128' }, 'http://127.0.0.1:3128'],
  ],
  'NO_PROXY, all and none': [
    past(ECR, '*'),
    past(ECR, 'example.com,*'),
    through(ECR, ''),
    through(ECR, ' , ,'),
    through(ECR, '**'),
    [ECR, { ALL_PROXY: P, no_proxy: '*' }, undefined],
    [ECR, { ALL_PROXY: P, NO_PROXY: 'example.com', no_proxy: '*' }, P],
  ],
  'NO_PROXY, domains': [
    past(ECR, 'amazonaws.com'),
    past(ECR, 'AmazonAWS.com'),
    past(ECR, 'amazonaws.com.'),
    past(ECR, '.amazonaws.com'),
    past(ECR, '*.amazonaws.com'),
    past(ECR, 'api.ecr.us-east-1.amazonaws.com'),
    past('https://api.ecr.us-east-1.amazonaws.com./', 'amazonaws.com'),
    past(ECR, 'example.com, amazonaws.com'),
    past(ECR, 'example.com amazonaws.com'),
    through(ECR, 'mazonaws.com'),
    through(ECR, 'amazonaws.com.cn'),
    through(ECR, '.api.ecr.us-east-1.amazonaws.com'),
    through(ECR, '*.api.ecr.us-east-1.amazonaws.com'),
    through(ECR, 'api.*.amazonaws.com'),
    through('https://amazonaws.com.evil.test/', 'amazonaws.com'),
    through('https://amazonaws.com/', '.amazonaws.com'),
    past('https://amazonaws.com/', 'amazonaws.com'),
  ],
  'NO_PROXY, ports': [
    past(ECR, 'amazonaws.com:443'),
    through(ECR, 'amazonaws.com:8443'),
    past('https://ecr.test:8443/', 'ecr.test:8443'),
    through('https://ecr.test:8443/', 'ecr.test:443'),
    past(PLAIN, 'amazonaws.com:80'),
    through(PLAIN, 'amazonaws.com:443'),
    through(ECR, ':443'),
  ],
  'NO_PROXY, addresses': [
    past('https://10.1.2.3/', '10.1.2.3'),
    past('https://10.1.2.3:8443/', '10.1.2.3:8443'),
    through('https://10.1.2.3:8443/', '10.1.2.3:443'),
    through('https://10.1.2.34/', '10.1.2.3'),
    through('https://10.1.2.3/', '2.3'),
    through('https://10.1.2.3.example.com/', '10.1.2.3'),
    past('https://[fd12::1]/', 'fd12::1'),
    past('https://[fd12::1]/', '[fd12:0:0::1]'),
    past('https://[fd12::1]/', '[fd12::1]:443'),
    through('https://[fd12::1]/', '[fd12::1]:8443'),
    through('https://[fd12::2]/', 'fd12::1'),
    past('https://[::ffff:10.1.2.3]/', '10.1.2.3'),
  ],
  'NO_PROXY, ranges': [
    past('https://10.1.2.3/', '10.0.0.0/8'),
    past('https://10.1.2.3/', '10.1.2.3/32'),
    past('https://10.1.2.3/', '0.0.0.0/0'),
    through('https://11.1.2.3/', '10.0.0.0/8'),
    through('https://10.1.2.3/', '10.1.2.2/32'),
    through('https://10.1.2.3/', '10.0.0.0/33'),
    through('https://10.1.2.3/', '10.0.0.0/x'),
    through('https://10.example.com/', '10.0.0.0/8'),
    past('https://172.31.255.1/', '172.16.0.0/12'),
    through('https://172.32.0.1/', '172.16.0.0/12'),
    past('https://[fd12:3::4]/', 'fd00::/8'),
    through('https://[2001:db8::1]/', 'fd00::/8'),
    through('https://10.1.2.3/', '::/0'),
  ],
  'never through a proxy': [
    ['http://127.0.0.1:8080/', { ALL_PROXY: P }, undefined],
    ['http://127.8.8.8/', { ALL_PROXY: P }, undefined],
    ['http://localhost/', { ALL_PROXY: P }, undefined],
    ['http://LocalHost./', { ALL_PROXY: P }, undefined],
    ['http://ecr.localhost/', { ALL_PROXY: P }, undefined],
    ['http://localhost.example.com/', { ALL_PROXY: P }, P],
    ['http://[::1]/', { ALL_PROXY: P }, undefined],
    ['http://[::ffff:127.0.0.1]/', { ALL_PROXY: P }, undefined],
    ['http://169.254.169.254/', { HTTP_PROXY: P }, undefined],
    ['http://169.254.170.2/', { HTTP_PROXY: P }, undefined],
    ['http://169.253.1.1/', { HTTP_PROXY: P }, P],
    ['http://[fe80::1]/', { HTTP_PROXY: P }, undefined],
    ['http://[fec0::1]/', { HTTP_PROXY: P }, P],
    ['http://[fd00:ec2::254]/', { HTTP_PROXY: P }, undefined],
    ['http://[fd00:ec2::23]/', { HTTP_PROXY: P }, undefined],
    ['http://[fd00:ec3::254]/', { HTTP_PROXY: P }, P],
  ],
};
