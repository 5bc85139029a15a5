/** The error codes of [MS-WUSP] 2.2.2.4 that this server gives. */
export type FaultCode =
  | 'InvalidCookie'
  | 'CookieExpired'
  | 'ConfigChanged'
  | 'InvalidAuthorizationCookie'
  | 'InvalidParameters'
  | 'InternalServerError';

/** A SOAP fault to be sent; `message` names the parameter, as real servers do. */
export class SoapFault extends Error {
  override readonly name = 'SoapFault';
  constructor(
    readonly party: 'Client' | 'Server',
    readonly code: FaultCode,
    message: string,
  ) {
    super(message);
  }
}
