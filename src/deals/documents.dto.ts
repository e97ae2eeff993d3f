/** A document of a deal. */
export class DocumentView {
  /** Where it is kept (R000-35, R000-42). */
  key!: string;
  /** The last part of the key, by which it is downloaded. */
  name!: string;
  title!: string;
  contentType!: string;
  /** Bytes. */
  size!: number;
  /** Of its bytes, hexadecimal. */
  sha256!: string;
  createdAt!: string;
}

/** The documents of a deal, oldest first. */
export class DocumentList {
  data!: DocumentView[];
}
