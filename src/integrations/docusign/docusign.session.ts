import type { ApiClient, EnvelopesApi, HttpResponse } from 'docusign-esign';
import type { DocusignConfig } from '../../platform/config.providers.js';
import { CallBudget } from './call.budget.js';
import { DocusignError, fromSdk, isLimit, type SdkError } from './docusign.errors.js';
import { DocusignToken } from './docusign.token.js';

/** Shorter than the time an effect has, so that a silent provider still ends as an outcome. */
const TIMEOUT_MS = 20_000;
/** The least pause after a refusal for too many calls (R000-84). */
const LIMIT_PAUSE_MS = 60_000;

/** One call of the SDK, in its callback form: only that one shows the headers of the answer. */
export type Call<T> = (api: EnvelopesApi, done: (error: unknown, data: T, response?: HttpResponse) => void) => void;

/** An account at DocuSign: its token and what is left of its calls. */
export class DocusignSession {
  private readonly token: DocusignToken;
  private readonly budget = new CallBudget();
  private sdk: Promise<{ client: ApiClient; api: EnvelopesApi }> | undefined;

  constructor(private readonly config: DocusignConfig) {
    this.token = new DocusignToken(config);
  }

  /** @throws DocusignError */
  async call<T>(work: Call<T>): Promise<T> {
    const waitMs = this.budget.take(Date.now());
    if (waitMs > 0) throw new DocusignError(undefined, 'CALL_BUDGET', 'the account has no calls left for now', waitMs);
    const token = await this.token.get();
    const { client, api } = await (this.sdk ??= connect(this.config));
    client.setJWTToken(token);
    try {
      return await new Promise<T>((resolve, reject) =>
        work(api, (error, data, response) => {
          if (response) this.budget.observe(response.headers, Date.now());
          if (error) reject(error instanceof Error ? error : new Error(String(error)));
          else resolve(data);
        }),
      );
    } catch (error) {
      throw this.failed(error as SdkError);
    }
  }

  private failed(thrown: SdkError): Error {
    const error = fromSdk(thrown);
    if (!(error instanceof DocusignError)) return error;
    if (error.status === 401) this.token.drop();
    if (!isLimit(error)) return error;
    const now = Date.now();
    this.budget.observe(thrown.response?.headers ?? {}, now);
    return new DocusignError(
      error.status,
      error.code,
      error.message,
      Math.max(LIMIT_PAUSE_MS, this.budget.blockedFor(now)),
    );
  }
}

/** Loaded at the first call: the SDK takes 0.3 s and 40 MB. */
async function connect({ basePath }: DocusignConfig): Promise<{ client: ApiClient; api: EnvelopesApi }> {
  const { default: sdk } = await import('docusign-esign');
  const client = new sdk.ApiClient();
  client.setBasePath(basePath);
  client.timeout = TIMEOUT_MS;
  return { client, api: new sdk.EnvelopesApi(client) };
}
