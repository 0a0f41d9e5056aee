"""Layout: what a person would see is wrong with the places of things on the screen."""

from __future__ import annotations

import time

from tests.kit.browser import Browser

SETTLED_WITHIN = 5.0  # seconds; a chart is drawn a moment later than the rest

FIND_PROBLEMS = r"""
const problems = [];
const root = document.documentElement;
const CARD = ".card, .tile, header, .trouble, .summary";
const MAY_CUT = "dl.wire dd, .messages ol";  // with an ellipsis; to be scrolled
const name = element => element.className?.baseVal ?? `${element.tagName.toLowerCase()}.${element.className}`;
const isInside = (inner, outer) =>
  inner.left >= outer.left - 1 && inner.right <= outer.right + 1
  && inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
const overlap = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
  && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2;
const isSeen = element => {
  if (!element.checkVisibility({visibilityProperty: true}) || element.closest("option, script, style")) return false;
  for (let up = element; up; up = up.parentElement)
    if (getComputedStyle(up).clipPath !== "none" && !up.closest("svg")) return false;
  return true;
};

if (root.scrollWidth > innerWidth) problems.push(`it scrolls sideways: ${root.scrollWidth} in ${innerWidth}`);
if (arguments[0] && root.scrollHeight > innerHeight)
  problems.push(`it scrolls: ${root.scrollHeight} in ${innerHeight}`);

const cards = [...document.querySelectorAll(CARD)].filter(isSeen);
if (!cards.length) problems.push("there is nothing");
cards.forEach((card, index) => {
  const box = card.getBoundingClientRect();
  if (box.left < 0 || box.right > innerWidth) problems.push(`${name(card)} is beyond the screen`);
  for (const other of cards.slice(index + 1))
    if (!card.contains(other) && !other.contains(card) && overlap(box, other.getBoundingClientRect()))
      problems.push(`${name(card)} and ${name(other)} overlap`);
});

const texts = [];
const walker = document.createTreeWalker(document.querySelector("main").parentElement, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const node = walker.currentNode, element = node.parentElement;
  if (!node.data.trim() || !isSeen(element)) continue;
  const range = document.createRange();
  range.selectNodeContents(node);
  const words = node.data.trim().slice(0, 60);
  const card = element.closest(CARD);
  const mayBeCut = element.closest(MAY_CUT);
  for (const rect of range.getClientRects()) {
    const window = mayBeCut?.getBoundingClientRect();
    if (mayBeCut && !overlap(rect, window)) continue;
    const box = mayBeCut ? {left: Math.max(rect.left, window.left), right: Math.min(rect.right, window.right),
      top: Math.max(rect.top, window.top), bottom: Math.min(rect.bottom, window.bottom)} : rect;
    if (card && !isInside(box, card.getBoundingClientRect())) problems.push(`'${words}' is not inside ${name(card)}`);
    if (box.left < -1 || box.right > innerWidth + 1) problems.push(`'${words}' is beyond the screen`);
    if (!mayBeCut)
      for (let up = element; up && up !== card; up = up.parentElement)
        if (getComputedStyle(up).overflow !== "visible" && !isInside(box, up.getBoundingClientRect()))
          problems.push(`'${words}' is cut by ${name(up)}`);
    texts.push([words, box, node]);
  }
}
texts.forEach(([words, box, node], index) => {
  for (const [others, other, second] of texts.slice(index + 1))
    if (node !== second && overlap(box, other)) problems.push(`'${words}' and '${others}' overlap`);
});
return [...new Set(problems)];
"""


def problems(browser: Browser, fits: bool) -> list[str]:
    """What overlaps, is cut, or is beyond the screen; with `fits`, also what is below its end."""
    end = time.monotonic() + SETTLED_WITHIN
    while True:
        found: list[str] = browser.run(FIND_PROBLEMS, fits)
        if not found or time.monotonic() > end:
            return found
        time.sleep(0.05)
