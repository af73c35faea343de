/** The mark: a roof over two lines of writing. */
export function Mark({ className = "i-20" }: { className?: string }) {
  return (
    <svg
      className={`lucide ${className}`}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d="M3.5 11.2 12 4l8.5 7.2" />
      <path d="M6 9.4V19a1.5 1.5 0 0 0 1.5 1.5h9A1.5 1.5 0 0 0 18 19V9.4" />
      <path d="M9.5 13h5M9.5 16.5h3" />
    </svg>
  );
}
