import type { Architecture } from '../../core/product.js';
import type { InnoSetup } from '../../formats/inno/index.js';

/** TSetupProcessorArchitecture before 6.3. */
const X64 = 2;
const ARM64 = 4;

/**
 * What the installer installs, by where it uses 64-bit mode: on x64 (`x64`), on ARM64 alone (`arm64`), nowhere (`x86`).
 * Null where the header does not tell, or tells in an expression that excludes something.
 */
export function innoArchitecture({ formatVersion, texts, numbers }: InnoSetup): Architecture | null {
  if (texts === null || formatVersion === null) return null;
  const members = numbers?.install64Bit ?? null;
  if (members !== null) return byNames(members.includes(X64), members.includes(ARM64));
  return isExpression(formatVersion) ? byExpression(texts.architecturesInstallIn64BitMode) : null;
}

function isExpression(formatVersion: string): boolean {
  const [major = 0, minor = 0] = formatVersion.split('.').map(Number);
  return major > 6 || (major === 6 && minor >= 3);
}

/** Names of architectures with `or` between them, or spaces or commas as before 6.3 (Inno Setup help, Architecture Identifiers). */
function byExpression(expression: string): Architecture | null {
  const words = expression
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== '' && word !== 'or');
  const known = ['x64', 'x64os', 'x64compatible', 'win64', 'arm64'];
  if (!words.every((word) => known.includes(word))) return null;
  return byNames(
    words.some((word) => word.startsWith('x64') || word === 'win64'),
    words.includes('arm64'),
  );
}

function byNames(hasX64: boolean, hasArm64: boolean): Architecture {
  if (hasX64) return 'x64';
  return hasArm64 ? 'arm64' : 'x86';
}
