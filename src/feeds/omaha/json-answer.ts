import { z } from 'zod';
import { LooseSize, LooseText, looseList } from '../loose.js';
import type { Offer } from './offer.js';

/** [Omaha protocol 3.1] in JSON: the members that are used. */
const Package = z.object({ name: z.string(), hash: LooseText, hash_sha256: LooseText, size: LooseSize });
const Manifest = z.object({
  version: LooseText,
  packages: z
    .object({ package: looseList(Package) })
    .nullish()
    .catch(null),
});
const UpdateCheck = z.object({
  status: LooseText,
  urls: z
    .object({ url: looseList(z.object({ codebase: z.string() })) })
    .nullish()
    .catch(null),
  manifest: Manifest.nullish().catch(null),
});
const App = z.object({
  appid: z.string(),
  status: LooseText,
  updatecheck: UpdateCheck.nullish().catch(null),
});
const Answer = z.object({ response: z.object({ app: looseList(App) }) });

/** Null where it is none of this protocol. */
export function offersInJson(document: unknown): readonly Offer[] | null {
  const decoded = Answer.safeParse(document);
  return decoded.success ? decoded.data.response.app.map(offerOf) : null;
}

function offerOf({ appid, status, updatecheck }: z.infer<typeof App>): Offer {
  return {
    appId: appid,
    status: (status ?? 'ok') === 'ok' ? (updatecheck?.status ?? 'nothing') : (status ?? ''),
    version: updatecheck?.manifest?.version ?? null,
    codebases: (updatecheck?.urls?.url ?? []).map(({ codebase }) => codebase),
    packages: (updatecheck?.manifest?.packages?.package ?? []).map((one) => ({
      name: one.name,
      sha1: one.hash ?? null,
      sha256: one.hash_sha256 ?? null,
      sizeBytes: one.size ?? null,
    })),
  };
}
