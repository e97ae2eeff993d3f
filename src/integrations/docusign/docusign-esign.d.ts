/** The used part of the SDK, which ships no types. The names are checked against its models by a test. */
declare module 'docusign-esign' {
  export class ApiClient {
    /** Milliseconds. */
    timeout: number;
    setBasePath(basePath: string): void;
    setJWTToken(token: string): void;
  }

  export interface TextCustomField {
    name: string;
    value: string;
    show?: 'true' | 'false';
  }
  export interface Signer {
    email: string;
    name: string;
    recipientId: string;
    routingOrder: string;
    roleName: string;
    clientUserId?: string;
    status?: string;
  }
  export interface EnvelopeDefinition {
    status: 'created';
    emailSubject: string;
    transactionId: string;
    templateId?: string;
    templateRoles?: { roleName: string; email: string; name: string; clientUserId?: string }[];
    documents?: { documentId: string; name: string; fileExtension: string; documentBase64: string }[];
    recipients?: { signers: Signer[] };
    customFields: { textCustomFields: TextCustomField[] };
    notification: {
      useAccountDefaults: 'false';
      expirations: { expireEnabled: 'true'; expireAfter: string; expireWarn: string };
    };
    eventNotification: {
      url: string;
      deliveryMode: 'SIM';
      requireAcknowledgment: 'true';
      loggingEnabled: 'true';
      includeHMAC: 'true';
      events: string[];
      eventData: { version: 'restv2.1'; format: 'json'; includeData: string[] };
    };
  }
  export interface Envelope {
    envelopeId: string;
    status: string;
    transactionId?: string;
    /** In UTC, with as many digits in each. */
    createdDateTime?: string;
    statusChangedDateTime?: string;
    completedDateTime?: string;
    voidedReason?: string;
    /** Only where they were asked for, as are the recipients. */
    customFields?: { textCustomFields?: { name: string; value: string }[] };
    recipients?: { signers?: { recipientId: string; roleName: string; status: string; declinedReason?: string }[] };
  }
  export interface EnvelopesInformation {
    envelopes?: Envelope[];
    endPosition?: string;
    /** Absent on the last page. */
    nextUri?: string;
  }
  export interface RecipientViewRequest {
    authenticationMethod: 'none';
    email: string;
    userName: string;
    clientUserId: string;
    returnUrl: string;
  }

  export interface HttpResponse {
    status: number;
    headers: Record<string, unknown>;
  }
  type Callback<T> = (error: unknown, data: T, response?: HttpResponse) => void;

  export class EnvelopesApi {
    constructor(client: ApiClient);
    createEnvelope(
      account: string,
      options: { envelopeDefinition: EnvelopeDefinition },
      done: Callback<Envelope>,
    ): void;
    listStatusChanges(
      account: string,
      options:
        | { transactionIds: string }
        | { envelopeIds: string }
        | { fromDate: string; include: string; startPosition: string },
      done: Callback<EnvelopesInformation>,
    ): void;
    getEnvelope(account: string, id: string, options: object, done: Callback<Envelope>): void;
    update(
      account: string,
      id: string,
      options: { envelope: { status: 'sent' } | { status: 'voided'; voidedReason: string } },
      done: Callback<object>,
    ): void;
    createRecipientView(
      account: string,
      id: string,
      options: { recipientViewRequest: RecipientViewRequest },
      done: Callback<{ url: string }>,
    ): void;
  }

  const sdk: { ApiClient: typeof ApiClient; EnvelopesApi: typeof EnvelopesApi };
  export default sdk;
}
