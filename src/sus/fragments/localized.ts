import { attributeOf, childElements, childOf, textOf, type XmlElement } from '../../text/xml/index.js';
import { bare, fragmentText } from './bare.js';

export interface LanguageFragment {
  readonly language: string;
  readonly xml: string;
}

/** The texts of each language as clients are told of them ([MS-WUSP] 3.1.1.1); of a repeated language the first. */
export function localizedFragments(update: XmlElement): readonly LanguageFragment[] {
  const fragments = localizedIn(update, 'LocalizedProperties').map((entry) => {
    const language = childOf(entry, 'Language');
    return { language: language === null ? '' : textOf(language).trim(), xml: fragmentText([bare(entry)]) };
  });
  const first = (language: string) => fragments.findIndex((other) => other.language === language);
  return fragments.filter((fragment, index) => first(fragment.language) === index);
}

/** The license terms of each language, which an administrator accepts for the clients ([MS-WUSP] 3.1.1.1, Eula). */
export function eulaFragments(update: XmlElement): readonly LanguageFragment[] {
  return localizedIn(update, 'EulaFile').map((entry) => ({
    language: attributeOf(entry, 'Language') ?? '',
    xml: fragmentText([bare(entry)]),
  }));
}

function localizedIn(update: XmlElement, name: string): readonly XmlElement[] {
  const collection = childOf(update, 'LocalizedPropertiesCollection');
  return collection === null ? [] : childElements(collection, name);
}
