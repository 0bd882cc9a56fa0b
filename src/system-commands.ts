// Owns the commands of operating systems that hints name: what one system calls so, another does not have.
// Must not run them.

/** The command that sets the clock by the network's time. */
export function clockCommand(platform: NodeJS.Platform): string {
  switch (platform) {
    case 'linux':
      return 'timedatectl set-ntp true';
    case 'darwin':
      return 'sudo sntp -sS time.apple.com';
    case 'win32':
      return 'w32tm /resync';
    default:
      return "with the system's NTP client";
  }
}

/** The command that looks up a host's name as programs do. */
export function lookupCommand(platform: NodeJS.Platform, host: string): string {
  return `${platform === 'linux' ? 'getent hosts' : 'nslookup'} ${host}`;
}
