export * from "./contracts/deployment.ts";
