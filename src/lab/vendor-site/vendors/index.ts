import type { Vendor } from '../vendor.js';
import { git, keepassxc, notepadPlusPlus, powershell, sevenZip, winmerge } from './github-repositories.js';
import { nodeDist } from './node-dist.js';
import { pdfXchange } from './pdf-xchange.js';
import { puttyPage } from './putty-page.js';
import { winscp } from './sourceforge.js';
import { videolan } from './videolan.js';
import { sevenZipManifests, winmergeManifests, winscpManifests } from './winget-packages.js';
import { wireshark } from './wireshark.js';

/** Every product that the vendor site serves, and who else writes about it. */
export const vendors: readonly Vendor[] = [
  nodeDist,
  notepadPlusPlus,
  puttyPage,
  keepassxc,
  sevenZip,
  sevenZipManifests,
  winmerge,
  winmergeManifests,
  git,
  winscp,
  winscpManifests,
  powershell,
  wireshark,
  videolan,
  pdfXchange,
];
