import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { getText } from '../api/client.js';
import { Answer } from './states.js';

/** Smaller than this part of its size, nobody can read it: it is scrolled instead. */
const SMALLEST_SCALE = 0.72;
const HEADING_HEIGHT = 34;
const SVG = 'http://www.w3.org/2000/svg';

interface Shown {
  /** Where the picture is: `/api/lifecycles/nda/diagram.svg`. */
  path: string;
  /** What it shows, for those who do not see it. */
  label: string;
  /** Marks what is really lived. */
  overlay?: 'lived' | undefined;
  /** Fetches it anew when it changes. */
  version?: number;
  /** How many instances are in each top-level state. */
  heat?: ReadonlyMap<string, number>;
  /** A state was chosen with the pointer; the same has to be offered beside the picture for those without one. */
  onPick?: (state: string) => void;
}

/** A state diagram as the service draws it, in the colours of the console. */
export function Diagram({ path, label, overlay, version, heat, onPick }: Shown) {
  const [detail, setDetail] = useState<'overview' | 'full'>('overview');
  const picture = useQuery({
    queryKey: ['diagram', path, detail, overlay, version],
    queryFn: ({ signal }) => getText(path, { detail, overlay }, signal),
    placeholderData: (before) => before,
    staleTime: version === undefined && overlay === undefined ? Infinity : 0,
  });
  return (
    <figure className="diagram-figure">
      <div className="segments" role="group" aria-label="How much of the diagram">
        {(['overview', 'full'] as const).map((each) => (
          <button key={each} type="button" aria-pressed={detail === each} onClick={() => setDetail(each)}>
            {each === 'overview' ? 'Overview' : 'Everything'}
          </button>
        ))}
      </div>
      <Answer of={picture}>{(svg) => <Drawing svg={svg} label={label} heat={heat} onPick={onPick} />}</Answer>
    </figure>
  );
}

function Drawing({
  svg,
  label,
  heat,
  onPick,
}: {
  svg: string;
  label: string;
  heat: Shown['heat'];
  onPick: Shown['onPick'];
}) {
  const frame = useRef<HTMLDivElement>(null);
  const pick = useRef(onPick);
  pick.current = onPick;

  useEffect(() => {
    const { current } = frame;
    // Read as XML, where nothing written in it is ever run.
    const parsed = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
    if (!current || !(parsed instanceof SVGSVGElement)) return;
    const drawing = document.importNode(parsed, true);
    fit(drawing);
    if (heat) warm(drawing, heat);
    const isSame = current.firstElementChild?.getAttribute('viewBox') === drawing.getAttribute('viewBox');
    current.replaceChildren(drawing);
    if (!isSame) showCurrent(current);
  }, [svg, heat]);

  return (
    <div
      className={onPick ? 'diagram pickable' : 'diagram'}
      ref={frame}
      role="region"
      aria-label={label}
      tabIndex={0}
      onClick={({ target }) => {
        const state = (target as Element).closest('[data-state]')?.getAttribute('data-state');
        if (state) pick.current?.(state);
      }}
    />
  );
}

/** Takes the heading away, which stands beside the picture already, and lets it grow and shrink. */
function fit(drawing: SVGSVGElement): void {
  const { width, height } = drawing.viewBox.baseVal;
  drawing.querySelector(':scope > text')?.remove();
  drawing.setAttribute('viewBox', `0 ${HEADING_HEIGHT} ${width} ${height - HEADING_HEIGHT}`);
  drawing.removeAttribute('width');
  drawing.removeAttribute('height');
  drawing.style.setProperty('min-width', `min(${width}px, ${Math.round(width * SMALLEST_SCALE)}px)`);
  drawing.style.setProperty('max-width', `${Math.round(width * 1.15)}px`);
}

/** The more instances in a state, the warmer it is; how many is written at its corner. */
function warm(drawing: SVGSVGElement, heat: ReadonlyMap<string, number>): void {
  const most = Math.max(1, ...heat.values());
  for (const state of drawing.querySelectorAll<SVGGElement>('g[data-state]')) {
    const count = heat.get(state.dataset['state'] ?? '') ?? 0;
    const box = state.querySelector('rect');
    if (count === 0 || !box) continue;
    state.classList.add('warm');
    // A few beside thousands still show.
    state.style.setProperty('--warmth', String(0.12 + 0.38 * (Math.log1p(count) / Math.log1p(most))));
    const right = Number(box.getAttribute('x')) + Number(box.getAttribute('width'));
    const top = Number(box.getAttribute('y'));
    const text = count.toLocaleString();
    const width = 14 + 7 * text.length;
    const badge = document.createElementNS(SVG, 'g');
    badge.setAttribute('class', 'heat-badge');
    badge.append(
      shape('rect', { x: right - width / 2 - 4, y: top - 10, width, height: 20, rx: 10 }),
      shape('text', { x: right - 4, y: top + 4.5, 'text-anchor': 'middle', 'font-size': 12 }, text),
    );
    state.append(badge);
  }
}

function shape(name: string, attributes: Record<string, string | number>, text?: string): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Scrolls to the state that the instance is in, or where most are, or where everything begins. */
function showCurrent(frame: HTMLElement): void {
  const warmth = (state: SVGGElement) => Number(state.style.getPropertyValue('--warmth'));
  const [warmest] = [...frame.querySelectorAll<SVGGElement>('g.warm')].sort((a, b) => warmth(b) - warmth(a));
  const current =
    frame.querySelector('g.state.active, g.final.active') ??
    frame.querySelector('g.active') ??
    warmest ??
    frame.querySelector('g.start');
  if (!current) return;
  const here = current.getBoundingClientRect();
  const around = frame.getBoundingClientRect();
  frame.scrollTo({
    left: frame.scrollLeft + here.left - around.left - (around.width - here.width) / 2,
    top: frame.scrollTop + here.top - around.top - (around.height - here.height) / 2,
  });
}
