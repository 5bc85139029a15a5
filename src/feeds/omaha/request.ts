import { element, writeXml } from '../../text/xml/index.js';

export interface UpdateQuestion {
  /** With its braces. */
  readonly appId: string;
  /** Tells the channel and the edition of an application that has several (`x64-stable-multi-chrome`). */
  readonly ap?: string | undefined;
  readonly architecture: string;
  readonly currentVersion: string;
}

const NONE = { namespace: '', prefix: '' };

/**
 * The question of Omaha protocol 3.0 for one application: a machine-wide installation that asks for its first version.
 * It names no user, machine or session.
 */
export function updateRequest({ appId, ap, architecture, currentVersion }: UpdateQuestion): string {
  const app = { appid: appId, version: currentVersion, ap: ap ?? null, lang: 'en' };
  const request = { protocol: '3.0', ismachine: '1', installsource: 'ondemand' };
  return writeXml(
    element(NONE, 'request', request, [
      element(NONE, 'os', { platform: 'win', version: '10.0.22631', arch: architecture }),
      element(NONE, 'app', app, [element(NONE, 'updatecheck')]),
    ]),
    { declaration: true },
  );
}
