declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  interface Options {
    url: string;
    domNode: HTMLElement;
    deepLinking?: boolean;
    docExpansion?: 'list' | 'full' | 'none';
    defaultModelsExpandDepth?: number;
    validatorUrl?: null;
    persistAuthorization?: boolean;
    tryItOutEnabled?: boolean;
    onComplete?: () => void;
  }
  export default function SwaggerUI(options: Options): unknown;
}
