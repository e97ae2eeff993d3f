/** Who the credential says is asking. */
export class Me {
  tenant!: string;
  userId!: string;
  roles!: string[];
}
