import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { linksOf } from '../../src/text/html.js';

test('links in every way of writing an attribute', () => {
  const page = `
    <a href="one.exe">1</a> <A class=x HREF='two.exe' > <a
      title="a > b" href = three.exe> <area href="four.exe">
    <a href="five?a=1&amp;b=2&#x26;c&#61;3"> <a/href="six">`;
  assert.deepEqual(linksOf(page), ['one.exe', 'two.exe', 'three.exe', 'four.exe', 'five?a=1&b=2&c=3', 'six']);
});

test('what is no link gives none', () => {
  const page = `<!-- <a href="comment"> --><abbr href="x"><a name="y"><address href="z"><a data-href="w"><p href="v">a href="t"`;
  assert.deepEqual(linksOf(page), []);
});

test('broken pages end', () => {
  for (const page of [
    '<a',
    '<a href',
    '<a href=',
    '<a href="',
    '<!--',
    '<!-- <a href="x">',
    '<'.repeat(100_000),
    '<a '.repeat(50_000),
  ])
    assert.deepEqual(linksOf(page), []);
  fc.assert(fc.property(fc.string(), (text) => void linksOf(`<a ${text}`)));
});

test('an unknown or impossible reference stays as it is', () => {
  assert.deepEqual(linksOf('<a href="&nosuch;&#0;&#x110000;&#1114112;">'), [
    '&nosuch;&#0;&#x110000;&#1114112;',
  ]);
});
