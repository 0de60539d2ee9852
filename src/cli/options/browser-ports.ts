/** Browsers of a test unless others are asked for. */
export const usualBrowsers = 10;

/** Where the parts of a test in browsers listen unless another port is asked for. */
export const usualLighthousePort = 9000;
export const usualClientPagePort = 7654;
