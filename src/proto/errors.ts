// The two vocabularies of refusal: the -ERR texts a client can see (client-protocol §13) and the reasons
// for which a connection closes (§14). Protocol errors are values; nothing here is thrown.

/** Why a connection was closed: shown in the debug log, in connz and in tests. The first reason wins. */
export const CloseReason = {
  clientClosed: "Client Closed",
  authenticationTimeout: "Authentication Timeout",
  authenticationFailure: "Authentication Failure",
  slowConsumerPendingBytes: "Slow Consumer (Pending Bytes)",
  slowConsumerWriteDeadline: "Slow Consumer (Write Deadline)",
  writeError: "Write Error",
  readError: "Read Error",
  parseError: "Parse Error",
  staleConnection: "Stale Connection",
  protocolViolation: "Protocol Violation",
  badClientProtocolVersion: "Bad Client Protocol Version",
  maxConnectionsExceeded: "Maximum Connections Exceeded",
  maxPayloadExceeded: "Maximum Message Payload Exceeded",
  maxControlLineExceeded: "Maximum Control Line Exceeded",
  maxSubscriptionsExceeded: "Maximum Subscriptions Exceeded",
  noRespondersRequiresHeaders: "No Responders Requires Headers",
  maxAccountConnectionsExceeded: "Maximum Account Connections Exceeded",
  tlsHandshakeError: "TLS Handshake Failure",
  kicked: "Kicked",
  serverShutdown: "Server Shutdown",
  duplicateRoute: "Duplicate Route",
  routeRemoved: "Route Removed",
  duplicateServerName: "Duplicate Server Name",
  clusterNameConflict: "Cluster Name Conflict",
  wrongPort: "Incorrect Port",
} as const;
export type CloseReason = (typeof CloseReason)[keyof typeof CloseReason];

/** One row of the error table: the text between the quotes, and the close that follows, if one does. */
export interface ProtocolError {
  readonly text: string;
  readonly closes: CloseReason | null;
}

const row = (text: string, closes: CloseReason | null = null): ProtocolError =>
  Object.freeze({ text, closes });

export const ProtocolErrors = {
  unknownOperation: row("Unknown Protocol Operation", CloseReason.protocolViolation),
  maxControlLine: row("maximum control line exceeded", CloseReason.maxControlLineExceeded),
  maxPayload: row("Maximum Payload Violation", CloseReason.maxPayloadExceeded),
  maxConnections: row("maximum connections exceeded", CloseReason.maxConnectionsExceeded),
  maxSubscriptions: row("maximum subscriptions exceeded"),
  invalidSubject: row("Invalid Subject"),
  invalidPublishSubject: row("Invalid Publish Subject"),
  authorization: row("Authorization Violation", CloseReason.authenticationFailure),
  authenticationTimeout: row("Authentication Timeout", CloseReason.authenticationTimeout),
  maxAccountConnections: row(
    "maximum account active connections exceeded",
    CloseReason.maxAccountConnectionsExceeded,
  ),
  throttled: row(
    "Connection throttling is active. Please try again later.",
    CloseReason.maxConnectionsExceeded,
  ),
  badProtocol: row("invalid client protocol", CloseReason.badClientProtocolVersion),
  noRespondersNeedsHeaders: row(
    "no responders requires headers support",
    CloseReason.noRespondersRequiresHeaders,
  ),
  stale: row("Stale Connection", CloseReason.staleConnection),
} as const;
