import type { ShelfFile } from '../shelf.js';
import type { Vendor, VendorAnswer } from '../vendor.js';
import { fileAt, modifiedOf } from './files.js';

const FEED = 'www.wireshark.org';
const FILES = '2.na.dl.wireshark.org';

/** The appcast that WinSparkle reads: the latest version alone. */
export const wireshark: Vendor = {
  productId: 'WiresharkFoundation.Wireshark',
  hosts: [FEED, FILES],
  answer(request, shelf): VendorAnswer | null {
    if (request.host === FILES) return fileAt(request, shelf);
    const latest = shelf.at(-1);
    const isFeed = request.path === '/update/0/Wireshark/0.0.0/Windows/x86-64/en-US/stable.xml';
    if (!isFeed || latest === undefined) return null;
    return {
      kind: 'feed',
      contentType: 'application/xml',
      body: appcast(latest),
      modified: modifiedOf(shelf),
    };
  },
};

function appcast({ fixture, bytes }: ShelfFile): string {
  const { version, url, releasedAt } = fixture;
  return `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:sparkle="http://www.andymatuschak.org/xml-namespaces/sparkle" xmlns:dc="http://purl.org/dc/elements/1.1/">
    <channel>
        <title>Wireshark Windows stable updates</title>
        <link>https://www.wireshark.org/</link>
        <description>Stable releases for Windows</description>
        <language>en</language>
        <item>
            <title>Version ${version}</title>
            <sparkle:releaseNotesLink>https://www.wireshark.org/docs/relnotes/wireshark-${version}.html</sparkle:releaseNotesLink>
            <pubDate>${new Date(releasedAt).toUTCString().replace('GMT', '+0000')}</pubDate>
            <enclosure url="${url}"
                       sparkle:version="${version}"
                       sparkle:os="windows"
                       length="${bytes.length}"
                       type="application/octet-stream" />
        </item>
    </channel>
</rss>
`;
}
