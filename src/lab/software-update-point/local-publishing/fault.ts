/** What the update server's own API throws, in its words: the call, the type of the exception and its message. */
export class PublishFault extends Error {
  override readonly name = 'PublishFault';
  constructor(
    readonly step: string,
    readonly exception: string,
    message: string,
  ) {
    super(message);
  }
}
