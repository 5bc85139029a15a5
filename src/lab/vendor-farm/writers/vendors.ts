import { type AnswerWriter, jsonAnswer, optionOf } from '../answer.js';
import { jsonDocument } from './documents.js';

/** `https://data.services.jetbrains.com/products/releases`. */
export const writeJetbrains: AnswerWriter = (feed, release) => {
  const [asset] = release.assets;
  const file = asset && { link: asset.url, size: asset.sizeBytes, checksumLink: `${asset.url}.sha256` };
  return [
    jsonAnswer({
      [optionOf(feed, 'code') ?? '']: [
        {
          date: release.publishedAt.slice(0, 10),
          type: 'release',
          downloads: file === undefined ? {} : { windows: file },
          patches: {},
          notesLink: 'https://youtrack.jetbrains.com/articles/release-notes',
          licenseRequired: true,
          version: release.version,
          majorVersion: release.version.split('.').slice(0, 2).join('.'),
          build: '261.100.1',
          whatsnew: '',
          uninstallFeedbackLinks: {},
          printableReleaseType: null,
        },
      ],
    }),
  ];
};

/** `firefox_versions.json` and its kin: one member per channel, empty where a channel has nothing. */
export const writeMozilla: AnswerWriter = (feed, release) => [
  jsonAnswer({
    FIREFOX_AURORA: '',
    LAST_RELEASE_DATE: release.publishedAt.slice(0, 10),
    [optionOf(feed, 'key') ?? '']: release.version,
  }),
];

/** `versionhistory.googleapis.com`. */
export const writeChrome: AnswerWriter = (feed, release) => {
  const { version, publishedAt } = release;
  const product = optionOf(feed, 'product') ?? 'chrome';
  const name = `${product}/platforms/${optionOf(feed, 'platform') ?? 'win64'}/channels/${optionOf(feed, 'channel') ?? 'stable'}/versions/${version}/releases/1`;
  const entry = {
    name,
    serving: { startTime: publishedAt },
    fraction: 1,
    version,
    fractionGroup: '1',
    pinnable: true,
  };
  return [jsonAnswer({ releases: [entry], nextPageToken: '' })];
};

/** `update.code.visualstudio.com`: `version` is the commit. */
export const writeVscode: AnswerWriter = (_feed, release) => {
  const [asset] = release.assets;
  const commit = asset?.sha256.slice(0, 40) ?? '0'.repeat(40);
  return [
    jsonAnswer({
      url: asset?.url ?? '',
      name: release.version,
      version: commit,
      productVersion: release.version,
      // SHA-1 of the file, where there is one.
      hash: asset?.sha1 ?? commit,
      timestamp: Date.parse(release.publishedAt),
      sha256hash: asset?.sha256 ?? '',
      supportsFastUpdate: true,
    }),
  ];
};

/** `releases.json` of a channel of .NET. */
export const writeDotnet: AnswerWriter = (feed, release) => {
  const { version, publishedAt } = release;
  const date = publishedAt.slice(0, 10);
  const base = {
    'channel-version': version.split('.').slice(0, 2).join('.'),
    'latest-release': version,
    'latest-release-date': date,
    'latest-runtime': version,
    'latest-sdk': version,
    'support-phase': 'active',
    releases: [{ 'release-date': date, 'release-version': version, security: false, 'release-notes': '' }],
  };
  return [jsonAnswer(optionOf(feed, 'path') === null ? base : jsonDocument(feed, release, base))];
};
