/** A reason not to start that the person at the terminal can act on. Printed as it is, without a stack; exit code 1. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart';
}
