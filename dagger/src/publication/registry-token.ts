/** The login of a registry, asked for anew when it is near its end. */

/** Host of the registry with the name and the password that it takes for some hours. */
export interface RegistryLogin {
  host: string;
  username: string;
  password: string;
  /** Time in ms since 1970 from which it is not taken any more. */
  expires: number;
}

// A push that starts with this much left also ends before the token does.
const MARGIN = 60 * 60 * 1000;

/** Keeps one login in memory and nowhere else. */
export class RegistryToken {
  readonly #ask: () => Promise<RegistryLogin>;
  readonly #now: () => number;
  #login: Promise<RegistryLogin> | undefined;
  #expires = 0;

  constructor(ask: () => Promise<RegistryLogin>, now: () => number = Date.now) {
    this.#ask = ask;
    this.#now = now;
  }

  /** A login that is good for an hour at least. */
  async current(): Promise<RegistryLogin> {
    if (this.#login === undefined || this.#expires - this.#now() < MARGIN) this.#login = this.#fresh();
    return this.#login;
  }

  /** Forgets the login, for example because the registry refused it. */
  forget(): void {
    this.#login = undefined;
  }

  async #fresh(): Promise<RegistryLogin> {
    // Those who ask while an answer is under way wait for that answer.
    this.#expires = Infinity;
    try {
      const login = await this.#ask();
      this.#expires = login.expires;
      return login;
    } catch (error) {
      this.forget();
      throw error;
    }
  }
}
