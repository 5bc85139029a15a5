import { describeFault, PermanentError, RetryableError } from '../core/errors.js';
import type { InstallHandler } from '../core/update.js';
import { planCommand } from './command.js';
import { describeHresult, eventsOfDownload, eventsOfRefusal, type ReportedUpdate } from './install-events.js';
import { type ExtendedFacts, readExtended } from './metadata.js';
import { type ContentDeps, type FetchedFile, fetchContent, HRESULT, InstallRefused } from './payload.js';
import type { ScannedUpdate } from './scan.js';
import type { ExtendedAnswer } from './wusp/extended.js';
import type { ClientEvent } from './wusp/reports.js';

/** An update tried up to the moment at which its installer would run. */
export interface InstallCheck extends ReportedUpdate {
  readonly outcome: 'ready' | 'refused';
  /** `0x800B0109` and why; null: ready. */
  readonly hresult: string | null;
  readonly reason: string | null;
  readonly files: readonly CheckedFile[];
  /** As the agent would run it in the folder of the files; null: refused. */
  readonly command: { readonly line: string; readonly file: string; readonly sizeBytes: number } | null;
  readonly handler: InstallHandler | null;
  readonly events: readonly ClientEvent[];
}

interface CheckedFile {
  readonly name: string;
  readonly address: string;
  readonly sizeBytes: number;
  /** Base64. */
  readonly sha1: string;
  readonly sha256: string | null;
  readonly signer: string | null;
}

/**
 * Downloads, checks digests and signature and finds the command; nothing is run. A refusal is an answer with the HRESULT
 * that an agent would report.
 */
export async function checkInstall(
  deps: ContentDeps,
  update: ReportedUpdate,
  scanned: Pick<ScannedUpdate, 'revisionId' | 'state' | 'why'>,
  info: ExtendedAnswer,
): Promise<InstallCheck> {
  const nothing = { ...update, files: [], command: null, handler: null };
  try {
    if (scanned.state !== 'required') {
      throw new InstallRefused(HRESULT.notApplicable, `the update is ${scanned.state}: ${scanned.why}`);
    }
    const details = detailsOf(info.extended.get(scanned.revisionId));
    const files = await fetchContent(deps, details, info.locations);
    const { file, commandLine } = planCommand(details.handler, files);
    const sizeBytes = files.reduce((sum, { expected }) => sum + expected.sizeBytes, 0);
    return {
      ...update,
      outcome: 'ready',
      hresult: null,
      reason: null,
      files: files.map(checkedFile),
      command: { line: commandLine, file: file.name, sizeBytes: file.sizeBytes },
      handler: details.handler,
      events: eventsOfDownload(update, sizeBytes),
    };
  } catch (error) {
    const refused = refusalOf(error);
    const hresult = describeHresult(refused.hresult);
    const events = eventsOfRefusal(update, refused);
    return { ...nothing, outcome: 'refused', hresult, reason: refused.message, events };
  }
}

/** Whoever has the content and does not hand it out, or in another form, fails this update alone. */
function refusalOf(error: unknown): InstallRefused {
  if (error instanceof InstallRefused) return error;
  if (error instanceof RetryableError || error instanceof PermanentError) {
    return new InstallRefused(HRESULT.noContent, describeFault(error));
  }
  throw error;
}

function detailsOf(fragment: string | undefined): ExtendedFacts {
  if (fragment === undefined) {
    throw new InstallRefused(HRESULT.invalidMetadata, 'the server tells no details of the update');
  }
  try {
    return readExtended(fragment, 'Extended');
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    const found = error.found === undefined ? '' : ` (${error.found})`;
    throw new InstallRefused(HRESULT.invalidMetadata, `its details cannot be read: ${error.message}${found}`);
  }
}

function checkedFile({ name, address, expected, signature }: FetchedFile): CheckedFile {
  const { sizeBytes, sha1, sha256 } = expected;
  const signer = signature.status === 'valid' ? signature.signer.subject : null;
  return { name, address, sizeBytes, sha1, sha256, signer };
}
