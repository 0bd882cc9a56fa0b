// Owns what other package managers are told of a release: a Homebrew formula, a Scoop manifest, the three files of winget.
// Made from the finished archives' hashes. Must not know how those were made.
import { archiveName, findTarget, PROGRAM } from './targets.ts';

/** What the manifests are made from. */
export interface ReleaseData {
  readonly version: string;
  readonly date: string;
  /** Where the archives can be downloaded, without a slash at the end. */
  readonly url: string;
  /** The project's page. */
  readonly homepage: string;
  readonly sha256: (fileName: string) => string;
}

const SUMMARY = 'Docker credential helper for Amazon ECR';

/** All manifests by path below the release directory. */
export function manifests(data: ReleaseData): Record<string, string> {
  const { version } = data;
  const owner = new URL(data.homepage).pathname.split('/')[1] ?? '';
  const id = `${owner}.${PROGRAM}`;
  return {
    [`homebrew/${PROGRAM}.rb`]: homebrew(data),
    [`scoop/${PROGRAM}.json`]: scoop(data),
    [`winget/${version}/${id}.yaml`]: yaml('version', id, data, ['DefaultLocale: en-US']),
    [`winget/${version}/${id}.installer.yaml`]: yaml('installer', id, data, wingetInstallers(data)),
    [`winget/${version}/${id}.locale.en-US.yaml`]: yaml('defaultLocale', id, data, [
      'PackageLocale: en-US',
      `Publisher: ${owner}`,
      `PackageName: ${PROGRAM}`,
      `PackageUrl: ${data.homepage}`,
      'License: Apache-2.0',
      `ShortDescription: ${SUMMARY}`,
      'Tags: [aws, credential-helper, docker, ecr]',
    ]),
  };
}

function homebrew(data: ReleaseData): string {
  const choice = (target: string) => {
    const { url, sha256 } = archive(data, target);
    return `      url "${url}"\n      sha256 "${sha256}"`;
  };
  const system = (name: string, prefix: string) =>
    `  on_${name} do\n    on_arm do\n${choice(`${prefix}-arm64`)}\n    end\n    on_intel do\n${choice(`${prefix}-x64`)}\n    end\n  end\n`;
  return `# typed: strict
# frozen_string_literal: true

# Docker credential helper for Amazon ECR
class DockerCredentialEcrLogin < Formula
  desc "${SUMMARY}"
  homepage "${data.homepage}"
  version "${data.version}"
  license "Apache-2.0"

${system('macos', 'macos')}
${system('linux', 'linux')}
  conflicts_with "docker-credential-helper-ecr", because: "both install \`${PROGRAM}\`"

  def install
    bin.install "${PROGRAM}"
    man1.install "${PROGRAM}.1"
    bash_completion.install "completions/${PROGRAM}.bash" => "${PROGRAM}"
    zsh_completion.install "completions/${PROGRAM}.zsh" => "_${PROGRAM}"
    fish_completion.install "completions/${PROGRAM}.fish"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/${PROGRAM} version")
  end
end
`;
}

function scoop(data: ReleaseData): string {
  const architecture = (target: string) => {
    const { url, sha256 } = archive(data, target);
    return { url, hash: sha256 };
  };
  const latest = (target: string) => ({
    url: `${data.url.replaceAll(data.version, '$version')}/${archiveName(findTarget(target), '$version')}`,
  });
  const manifest = {
    version: data.version,
    description: SUMMARY,
    homepage: data.homepage,
    license: 'Apache-2.0',
    architecture: { '64bit': architecture('windows-x64'), arm64: architecture('windows-arm64') },
    bin: `${PROGRAM}.exe`,
    checkver: 'github',
    autoupdate: { architecture: { '64bit': latest('windows-x64'), arm64: latest('windows-arm64') } },
  };
  return `${JSON.stringify(manifest, null, 4)}\n`;
}

function wingetInstallers(data: ReleaseData): string[] {
  const installer = (architecture: string, target: string) => {
    const { url, sha256 } = archive(data, target);
    return [
      `- Architecture: ${architecture}`,
      `  InstallerUrl: ${url}`,
      `  InstallerSha256: ${sha256.toUpperCase()}`,
    ];
  };
  return [
    'InstallerType: zip',
    'NestedInstallerType: portable',
    'NestedInstallerFiles:',
    `- RelativeFilePath: ${PROGRAM}.exe`,
    `  PortableCommandAlias: ${PROGRAM}`,
    `ReleaseDate: ${data.date}`,
    'Installers:',
    ...installer('x64', 'windows-x64'),
    ...installer('arm64', 'windows-arm64'),
  ];
}

function yaml(type: string, id: string, { version }: ReleaseData, lines: readonly string[]): string {
  return [
    `# yaml-language-server: $schema=https://aka.ms/winget-manifest.${type}.1.6.0.schema.json`,
    `PackageIdentifier: ${id}`,
    `PackageVersion: ${version}`,
    ...lines,
    `ManifestType: ${type}`,
    'ManifestVersion: 1.6.0',
    '',
  ].join('\n');
}

function archive(data: ReleaseData, target: string): { readonly url: string; readonly sha256: string } {
  const name = archiveName(findTarget(target), data.version);
  return { url: `${data.url}/${name}`, sha256: data.sha256(name) };
}
