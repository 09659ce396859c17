/** What one subscriber saw, whatever its transport. */

/** One discovery as it arrived. */
export interface SeenEvent {
  sequence: number;
  content: string;
  agentId: string;
  type: string;
  at: number;
}

/** A running subscription. */
export interface Subscription {
  /** In the order in which they came. */
  events: SeenEvent[];
  /** Settles when the server ends the stream, with what it said. */
  ended: Promise<string>;
  close(): void;
}

/** How often a content arrived. */
export function countOf(subscription: Subscription, content: string): number {
  return subscription.events.filter((event) => event.content === content).length;
}
