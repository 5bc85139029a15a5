import type { AnswerWriter } from '../answer.js';
import { writeEmbeddedJson, writeIni, writeJson, writeText, writeXml, writeYaml } from './documents.js';
import { writeHtml } from './page.js';
import { writeRedirect, writeStaticDownload } from './redirect.js';
import { writeGitea, writeGithubReleases, writeGithubTags, writeGitlab } from './repositories.js';
import {
  writeAppcast,
  writeElectronUpdater,
  writeOmaha,
  writeSourceforgeRss,
  writeSquirrelReleases,
} from './updaters.js';
import { writeChrome, writeDotnet, writeJetbrains, writeMozilla, writeVscode } from './vendors.js';

/** By the `type` of a feed. */
export const answerWriters: ReadonlyMap<string, AnswerWriter> = new Map([
  ['appcast', writeAppcast],
  ['chrome-versionhistory', writeChrome],
  ['dotnet-releases', writeDotnet],
  ['electron-updater', writeElectronUpdater],
  ['gitea-releases', writeGitea],
  ['github-releases', writeGithubReleases],
  ['github-tags', writeGithubTags],
  ['gitlab-releases', writeGitlab],
  ['gitlab-tags', writeGitlab],
  ['html', writeHtml],
  ['html-embedded-json', writeEmbeddedJson],
  ['http-redirect', writeRedirect],
  ['ini', writeIni],
  ['jetbrains', writeJetbrains],
  ['json', writeJson],
  ['mozilla-product-details', writeMozilla],
  ['omaha', writeOmaha],
  ['sourceforge-rss', writeSourceforgeRss],
  ['squirrel-releases', writeSquirrelReleases],
  ['static-download', writeStaticDownload],
  ['text', writeText],
  ['vscode-update', writeVscode],
  ['xml', writeXml],
  ['yaml', writeYaml],
]);
