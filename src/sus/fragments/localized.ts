import { childElements, childOf, textOf, type XmlElement } from '../../text/xml/index.js';
import { bare, fragmentText } from './bare.js';

/** The texts of each language as clients are told of them ([MS-WUSP] 3.1.1.1); of a repeated language the first. */
export function localizedFragments(
  update: XmlElement,
): readonly { readonly language: string; readonly xml: string }[] {
  const collection = childOf(update, 'LocalizedPropertiesCollection');
  const entries = collection === null ? [] : childElements(collection, 'LocalizedProperties');
  const fragments = entries.map((entry) => {
    const language = childOf(entry, 'Language');
    return { language: language === null ? '' : textOf(language).trim(), xml: fragmentText([bare(entry)]) };
  });
  const first = (language: string) => fragments.findIndex((other) => other.language === language);
  return fragments.filter((fragment, index) => first(fragment.language) === index);
}
