/** What apps' manifests depend on beside the app; from the platform's settings, the same for all apps. */
export interface AppSettings {
  /** Where the controller runs: its account there manages apps. */
  platformNamespace: string;
  ingressClass: string;
  /** Whose pods may reach apps. */
  ingressNamespace: string;
  /** Apps are at `<app>.<this>`. */
  appsDomain: string;
  /** IP ranges that apps cannot reach though they may reach the internet: that of IPv4, and where a range of IPv6 is among them, that of IPv6. */
  privateCidrs: string[];
  /** A web replica is told to stop this long after it got no new request any more. */
  drainSeconds: number;
  /** Whether there is a Secret to pull images with. */
  pullSecret: boolean;
}

/** What the plan of an app depends on beside it. */
export interface PlanSettings {
  /** How long a web replica may take to listen. */
  bootSeconds: number;
  /** How long a replica may wait for a place on a node, or for an image whose registry does not answer, before the rollout has failed. */
  waitSeconds: number;
  /** How long the Ingress controller may take to route as the pods are. */
  routeMs: number;
}
