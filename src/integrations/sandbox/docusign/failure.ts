import type { Answer } from '../http.js';

/** A request that DocuSign refuses, in DocuSign's words. */
export class DocusignFailure extends Error {
  constructor(
    readonly status: number,
    readonly errorCode: string,
    message: string,
  ) {
    super(message);
  }

  answer(): Answer {
    return { status: this.status, body: { errorCode: this.errorCode, message: this.message } };
  }
}
