import type { Command } from 'commander';
import { type OutputOptions, reportingFaults, withOutput } from '../output.js';
import type { ClientOptions } from './inputs.js';

const HELP = `
Exit codes: 0 done, 1 an update failed a check or is not offered, 2 the call is wrong, 3 the server or its protocol is.
Nothing is installed or run: the command line is printed. docs/client.md says what is checked.`;

/** `patchpress client scan|install`. */
export function addClientCommands(program: Command): void {
  const client = program
    .command('client')
    .description('an update agent that asks a server as a computer would, directly or through a gateway');
  const verbs = [
    ['scan', 'what the server offers, and what of it this computer needs'],
    ['install', 'the same, then download and check what is needed, and show what would run'],
  ] as const;
  for (const [verb, description] of verbs) {
    addOptions(withOutput(client.command(verb).description(description)))
      .addHelpText('after', HELP)
      .action((options: ClientOptions) =>
        reportingFaults(async () => (await import('./client.js')).client(verb, options)),
      );
  }
  withOutput(client.command('devices'))
    .description('what canary.ps1, run by the site on devices, has told of updates there')
    .requiredOption('--script <guid>', "the script's id in the site")
    .option('--update <id>', 'only this UpdateID')
    .addHelpText('after', '\nExit codes: 0 read, 1 a device has a fault or a loop, 2 it could not be read.')
    .action((options: OutputOptions & { script: string; update?: string }) =>
      reportingFaults(async () => (await import('./devices.js')).devices(options)),
    );
}

function addOptions(command: Command): Command {
  return command
    .requiredOption(
      '--via <url>',
      "the server's root or its client.asmx; through a CMG .../CCM_Proxy_MutualAuth/<id>",
    )
    .requiredOption('--machine <file>', 'the computer, as `patchpress evaluate` takes it')
    .option('--cert <pem>', "the computer's certificate")
    .option('--key <pem>', 'its key, where it is not in the same file')
    .option('--token <file>', 'a bearer token instead, sent over https alone')
    .option('--ca <pem>', "who issued the server's certificate; else the roots that Node ships with")
    .option('--update <id>', 'only this UpdateID; its rules are shown with their answers')
    .option('--locale <locale>', 'of titles', 'en')
    .option('--state <file>', 'what the client remembers: the next scan with it is a delta scan')
    .option('--name <name>', "the computer's name as the server sees it")
    .option('--no-report', 'report nothing to the server')
    .option('--trust <pem>', 'roots that content must be signed under; else those of the settings')
    .option('--publishers <pem>', 'certificates that it must be signed with (Trusted Publishers)')
    .option('--content <url>', 'where content is fetched from, in the place of what the server names')
    .option('--files <folder>', 'where downloads stay; one that broke off goes on from there')
    .option('--timeout <seconds>', 'for one exchange', '60');
}
