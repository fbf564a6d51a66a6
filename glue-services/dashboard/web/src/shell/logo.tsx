export function Logo() {
  return (
    <svg className="logo" width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
      <path
        d="M3 4h6.500a6 6 0 0 1 0 12H3"
        fill="none"
        stroke="currentColor"
        strokeWidth="2.400"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <path d="M3 10h9" fill="none" stroke="currentColor" strokeWidth="2.400" strokeLinecap="round" />
    </svg>
  );
}
