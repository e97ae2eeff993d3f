/** What pages are looked at for. Each is a script that runs in the browser and answers what it finds. */

/** What is wrong with the page for whoever cannot see it, or has a small screen. */
export const FLAWS = `(() => {
  const named = (control) =>
    control.getAttribute('aria-label') ||
    [...(control.labels ?? [])].map((label) => label.textContent.trim()).join('') ||
    (control.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join('') ||
    (control.matches('input, select, textarea') ? '' : control.textContent.trim());
  const shown = (control) => control.checkVisibility({ checkVisibilityCSS: true });
  const controls = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [role=tab], [role=region], [tabindex="0"]')];
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  return [
    ...controls.filter((control) => shown(control) && !named(control)).map((control) => 'without a name: ' + control.outerHTML.slice(0, 120)),
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => 'id twice: ' + id),
    ...(document.querySelectorAll('h1').length === 1 ? [] : ['not one heading']),
    ...(document.querySelectorAll('main').length === 1 ? [] : ['not one main']),
    ...(document.documentElement.scrollWidth > document.documentElement.clientWidth ? ['wider than the screen'] : []),
  ];
})()`;

/**
 * Texts that stand out too little from what is behind them (WCAG 2.2, 1.4.3: 4.5 to 1, large ones 3 to 1), reckoned from the colours that the browser
 * has worked out. Controls that are switched off are exempt; letters of pictures are not looked at.
 */
export const FAINT = `(() => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  const known = new Map();
  // Any notation of a colour becomes bytes once it is painted.
  const bytes = (colour) => {
    if (known.has(colour)) return known.get(colour);
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
    known.set(colour, [r, g, b, a / 255]);
    return known.get(colour);
  };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
  const behind = (element) => {
    if (!element) return [255, 255, 255, 1];
    const own = bytes(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own : over(own, behind(element.parentElement));
  };
  const light = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((byte) => (byte / 255 <= 0.04045 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [bright, dark] = [light(one), light(other)].sort((a, b) => b - a);
    return (bright + 0.05) / (dark + 0.05);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = new Set();
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const text = texts.currentNode.textContent.trim();
    if (text === '' || element.closest('svg, :disabled, .visually-hidden, script, option') || !element.checkVisibility({ checkVisibilityCSS: true })) continue;
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const ground = behind(element);
    const ratio = contrast(over(bytes(style.color), ground), ground);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) found.add(text.slice(0, 40) + ': ' + ratio.toFixed(2) + ' (' + element.className + ')');
  }
  return [...found];
})()`;
