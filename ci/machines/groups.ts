/** Headings of the page of machines, in its order. */
export const GROUPS = [
  "Docker and the engine",
  "Dagger's TypeScript runtime",
  "Base images",
  "The kernel",
  "Processors and operating systems",
  "Rights and users",
  "Programs of the machine",
  "The checkout",
  "Network",
  "Docker Compose",
] as const;
