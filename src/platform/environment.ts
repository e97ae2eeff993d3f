/** Reads variables, says in a sentence what is wrong with each, and goes on, so that all problems are known at once. */
export class Environment {
  readonly problems: string[] = [];

  constructor(private readonly variables: Readonly<Record<string, string | undefined>>) {}

  /** The value, or undefined when it is unset or empty. */
  text(name: string): string | undefined {
    return this.variables[name]?.trim() || undefined;
  }

  /** The value, which has to be there; `because` ends the sentence that says so. */
  needed(name: string, because: string): string {
    const value = this.text(name);
    if (value === undefined) this.problems.push(`${name} is not set; it is needed ${because}.`);
    return value ?? '';
  }

  /** A secret that cannot be guessed. */
  secret(name: string, shortest: number): string | undefined {
    const value = this.text(name);
    if (value !== undefined && value.length < shortest)
      this.problems.push(`${name} must have at least ${shortest} characters.`);
    return value;
  }

  /** Several values, separated by commas. */
  list(name: string): string[] {
    return (this.text(name) ?? '')
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  }

  integer(name: string, standard: number, least: number, most: number): number {
    const value = this.text(name);
    if (value === undefined) return standard;
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= least && number <= most) return number;
    this.problems.push(`${name} must be a whole number from ${least} to ${most}, not "${value}".`);
    return standard;
  }

  choice<Choice extends string>(name: string, choices: readonly Choice[], standard: Choice): Choice {
    const value = this.text(name);
    if (value === undefined) return standard;
    const chosen = choices.find((choice) => choice === value);
    if (!chosen) this.problems.push(`${name} must be ${choices.join(' or ')}, not "${value}".`);
    return chosen ?? standard;
  }

  /** An address with one of the schemes; it is not repeated in the sentence, because it may hold a password. */
  address(name: string, schemes: readonly string[]): string | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!URL.canParse(value) || !schemes.includes(new URL(value).protocol.slice(0, -1))) {
      this.problems.push(
        `${name} must be an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}.`,
      );
    }
    return value.replace(/\/+$/, '');
  }

  /** An address to send requests to. fetch takes none with a user and password in it, and says so with the password. */
  endpoint(name: string): string | undefined {
    const value = this.address(name, ['https', 'http']);
    if (value !== undefined && URL.canParse(value) && new URL(value).username !== '')
      this.problems.push(`${name} must not have a user and password in it.`);
    return value;
  }
}
