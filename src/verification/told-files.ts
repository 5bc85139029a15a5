import { readExtended } from './metadata.js';
import { type ExpectedFile, sameDigest } from './wusp/content.js';
import { fragmentText } from './wusp/fragment-text.js';
import { cookieElement } from './wusp/cookie.js';
import { type SessionOptions, shakeHands } from './wusp/session.js';
import { callService, elements, listAt, SERVICES, textAt } from './wusp/soap.js';

export interface ToldFile {
  readonly file: ExpectedFile;
  /** Where the server says it is. */
  readonly url: string;
}

/**
 * The files of one revision and where they are ([MS-WUSP] 3.1.5.17 GetExtendedUpdateInfo2). It is asked for by its identity,
 * so nobody has to scan or be registered. Empty: the server does not tell clients of it. Errors of `callService`.
 */
export async function toldFiles(
  options: Omit<SessionOptions, 'machine'>,
  { packageId, revision }: { readonly packageId: string; readonly revision: number },
): Promise<readonly ToldFile[]> {
  const { cookie } = await shakeHands(options);
  const build = elements(SERVICES.client);
  const identity = build(
    'UpdateIdentity',
    build('UpdateID', packageId),
    build('RevisionNumber', String(revision)),
  );
  const types = ['Extended', 'FileUrl'].map((type) => build('XmlUpdateFragmentType', type));
  const operation = 'GetExtendedUpdateInfo2';
  const response = await callService(options.transport, options.base, SERVICES.client, operation, [
    cookieElement('cookie', cookie, SERVICES.client),
    build('updateIDs', identity),
    build('infoTypes', ...types),
    build('locales', build('string', 'en')),
  ]);
  const list = (name: string) => listAt(response, `${operation}Result`, name);
  const urls = new Map(
    list('FileLocations').map((one) => [
      sameDigest(textAt(one, 'FileDigest') ?? ''),
      textAt(one, 'Url')?.trim(),
    ]),
  );
  return list('Updates')
    .flatMap((update) => readExtended(fragmentText(update) ?? '', options.base).files)
    .flatMap((file) => {
      const url = urls.get(file.sha1);
      return url === undefined ? [] : [{ file, url }];
    });
}
