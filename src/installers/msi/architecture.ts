import type { Architecture } from '../../core/product.js';

/** The platform of the summary's Template, `x64;1033`; an empty platform is Intel. Null: one that we do not serve. */
export function templateArchitecture(template: string | null): Architecture | null {
  const platform = (template ?? '').split(';')[0]?.split(',')[0]?.trim().toLowerCase() ?? '';
  if (platform === '' || platform === 'intel') return 'x86';
  if (platform === 'x64' || platform === 'amd64') return 'x64';
  return platform === 'arm64' ? 'arm64' : null;
}
