import { printable } from '../../core/errors.js';
import { loadSettings } from '../../config/settings.js';
import { productsFrom } from '../configure.js';
import { EXIT, type OutputOptions, show } from './output.js';

/** `patchpress product check [id...]`: which definitions are good, and what is wrong with those set aside. */
export async function checkProducts(ids: readonly string[], options: OutputOptions): Promise<number> {
  const products = productsFrom(loadSettings().productDirs);
  const wanted = (text: string): boolean => ids.length === 0 || ids.some((id) => text.includes(id));
  const good = products.all().filter(({ id }) => wanted(id));
  const faults = products.faults().filter(({ path, message }) => wanted(`${path} ${message}`));
  show(options, { good: good.map(({ id }) => id), faults }, () =>
    [
      ...faults.map(({ path, message }) => printable(`${path}: ${message}`, 1000)),
      `${good.length} definitions are good, ${faults.length} are set aside.`,
    ].join('\n'),
  );
  return faults.length === 0 && good.length > 0 ? EXIT.ok : EXIT.negative;
}
