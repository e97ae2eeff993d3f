/** Pictures of one line weight, drawn in the colour of the text beside them. */

const PATHS = {
  overview: 'M4 4h7v7H4zM13 4h7v4h-7zM13 11h7v9h-7zM4 14h7v6H4z',
  instances: 'M4 6h16M4 12h16M4 18h10',
  tasks: 'M9 6h11M9 12h11M9 18h11M4 6l1 1 2-2M4 12l1 1 2-2M4 18l1 1 2-2',
  today: 'M5 5h14v15H5zM5 10h14M9 3v4M15 3v4',
  'dead-letters': 'M4 6h16v12H4zM4 7l8 6 8-6',
  lifecycles: 'M5 5h5v5H5zM14 14h5v5h-5zM10 7.5h4a2.5 2.5 0 0 1 2.5 2.5v4',
  messages: 'M4 13l3-8h10l3 8v6H4zM4 13h5l1 3h4l1-3h5',
  workflows: 'M4 5h6v5H4zM14 14h6v5h-6zM10 7.5h7v6.5',
  executions: 'M6 4l13 8-13 8z',
  patterns: 'M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.5 15.5L20 20',
  runs: 'M8 7l-5 5 5 5M16 7l5 5-5 5M13.5 5l-3 14',
  settings: 'M4 7h10M18 7h2M4 17h2M10 17h10M14 4.5v5M6 14.5v5',
  audit: 'M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6zM9 12l2 2 4-4',
  menu: 'M4 7h16M4 12h16M4 17h16',
  close: 'M6 6l12 12M18 6L6 18',
  out: 'M10 5H5v14h5M14 8l4 4-4 4M18 12H9',
} as const;
export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg
      className="icon"
      viewBox="0 0 24 24"
      width="18"
      height="18"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The mark of the product. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <rect width="32" height="32" rx="8" className="mark-ground" />
      <g className="mark-lines" fill="none" strokeWidth="2" strokeLinecap="round">
        <path d="M10 11h12M10 21h12M22 11 10 21" />
        <circle cx="10" cy="11" r="2.8" />
        <circle cx="22" cy="21" r="2.8" />
      </g>
    </svg>
  );
}
