import type { ShelfFile } from '../shelf.js';
import type { Vendor, VendorAnswer } from '../vendor.js';
import { fileAt, modifiedOf } from './files.js';

const FEED = 'www.pdf-xchange.com';
const FILES = 'downloads.pdf-xchange.com';

/** One document for all products of the vendor: per product and architecture its updates, the newest last. */
export const pdfXchange: Vendor = {
  productId: 'TrackerSoftware.PDF-XChangeEditor',
  hosts: [FEED, FILES],
  answer(request, shelf): VendorAnswer | null {
    if (request.host === FILES) return fileAt(request, shelf);
    if (request.path !== '/updater/UpdaterData.xml') return null;
    return {
      kind: 'feed',
      contentType: 'text/xml',
      body: updaterData(shelf),
      modified: modifiedOf(shelf),
    };
  },
};

function updaterData(shelf: readonly ShelfFile[]): string {
  const versions = shelf.map(({ fixture }) => fixture);
  const bundle = (id: string, file: (major: string) => string) => {
    const updates = versions.map(({ version, releasedAt }) => {
      const address = `https://${FILES}/${version}/${file(version.split('.')[0] ?? '')}`;
      return `    <update>
      <version>${version}</version>
      <date>${releasedAt.slice(0, 10)}</date>
      <file>${address}</file>
    </update>`;
    });
    return `  <bundle id="${id}">\n${updates.join('\n')}\n  </bundle>`;
  };
  const bundles = [
    bundle('Editor/x64', (major) => `EditorV${major}.x64.msi`),
    bundle('Editor/x86', (major) => `EditorV${major}.x86.msi`),
    bundle('Tools/x64', (major) => `ToolsV${major}.x64.msi`),
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>\n<UpdaterData>\n${bundles.join('\n')}\n</UpdaterData>\n`;
}
