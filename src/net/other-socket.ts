/** What a connection needs of a socket that is not the kernel's; each member does what Bun's does. */
export interface OtherSocket {
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** How many bytes were taken, -1 when the peer is gone. They are the caller's again at once. */
  write(bytes: Buffer, at: number, size: number): number;
  pause(): void;
  resume(): void;
  /** Nothing more will be written. */
  shutdown(): void;
  /** Closes, after what was written. */
  end(): void;
}
