/** @peculiar/x509 with the Reflect polyfill that it needs to have been loaded before it (its README). Import it from here alone. */
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

x509.cryptoProvider.set(webcrypto);

export { x509 };
