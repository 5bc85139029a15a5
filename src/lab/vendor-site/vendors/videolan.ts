import type { Vendor, VendorAnswer } from '../vendor.js';
import { fileAt, modifiedOf } from './files.js';

const STATUS = 'update.videolan.org';
const FILES = 'download.videolan.org';

/** The file that VLC itself asks: the version, the address, then what is new, line by line. */
export const videolan: Vendor = {
  productId: 'VideoLAN.VLC',
  hosts: [STATUS, FILES],
  answer(request, shelf): VendorAnswer | null {
    if (request.host === FILES) return fileAt(request, shelf);
    const version = shelf.at(-1)?.fixture.version;
    if (request.path !== '/vlc/status-win-x64' || version === undefined) return null;
    return {
      kind: 'feed',
      contentType: 'text/plain',
      body: `${version}
https://get.videolan.org/vlc/${version}/win64/vlc-${version}-win64.exe
A new version of VLC(${version}) is available.
This release fixes defects and makes playback more stable.
`,
      modified: modifiedOf(shelf),
    };
  },
};
