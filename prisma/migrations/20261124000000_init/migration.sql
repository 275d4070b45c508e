-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "ApiKeyScope" AS ENUM ('READ', 'DEPLOY', 'CONFIG', 'ADMIN');

-- CreateEnum
CREATE TYPE "BuildStatus" AS ENUM ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED', 'SUPERSEDED');

-- CreateEnum
CREATE TYPE "BuildFailureReason" AS ENUM ('NO_BUILDPACK', 'BUILDPACK_FETCH_FAILED', 'DOCKERFILE_NEEDS_KUBERNETES', 'INVALID_PROCFILE', 'NO_PROCESS_TYPES', 'SOURCE_INVALID', 'BUILD_COMMAND_FAILED', 'BUILD_TIMEOUT', 'OUT_OF_MEMORY', 'DISK_FULL', 'OUTPUT_LIMIT', 'SLUG_TOO_LARGE', 'BUILDER_LOST', 'INTERNAL');

-- CreateEnum
CREATE TYPE "BuildStepStatus" AS ENUM ('RUNNING', 'SUCCEEDED', 'FAILED');

-- CreateEnum
CREATE TYPE "BuildStepKind" AS ENUM ('FETCH', 'DETECT', 'COMPILE', 'RELEASE', 'SLUG', 'CACHE');

-- CreateEnum
CREATE TYPE "ReleaseReason" AS ENUM ('DEPLOY', 'CONFIG', 'ROLLBACK', 'AUTO_ROLLBACK');

-- CreateEnum
CREATE TYPE "ReleaseStatus" AS ENUM ('PENDING', 'ROLLING_OUT', 'LIVE', 'FAILED', 'SUPERSEDED');

-- CreateEnum
CREATE TYPE "ReleaseFailureReason" AS ENUM ('RELEASE_COMMAND_FAILED', 'CRASH_LOOP', 'PORT_NOT_BOUND', 'OUT_OF_MEMORY', 'SLUG_UNAVAILABLE', 'TIMEOUT', 'INTERNAL');

-- CreateEnum
CREATE TYPE "ProcessSize" AS ENUM ('SMALL', 'MEDIUM', 'LARGE', 'XLARGE');

-- CreateEnum
CREATE TYPE "ReplicaStatus" AS ENUM ('STARTING', 'UP', 'BACKING_OFF', 'STOPPING', 'EXITED');

-- CreateTable
CREATE TABLE "User" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ApiKey" (
    "id" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "appId" UUID,
    "name" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "scopes" "ApiKeyScope"[],
    "expiresAt" TIMESTAMPTZ(3),
    "revokedAt" TIMESTAMPTZ(3),
    "lastUsedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ApiKey_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "App" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "ownerId" UUID NOT NULL,
    "clusterId" TEXT NOT NULL DEFAULT 'default',
    "version" INTEGER NOT NULL DEFAULT 1,
    "lastBuild" INTEGER NOT NULL DEFAULT 0,
    "lastRelease" INTEGER NOT NULL DEFAULT 0,
    "lastEvent" INTEGER NOT NULL DEFAULT 0,
    "toldEvent" INTEGER NOT NULL DEFAULT 0,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deletedAt" TIMESTAMPTZ(3),

    CONSTRAINT "App_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Build" (
    "id" UUID NOT NULL,
    "appId" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "status" "BuildStatus" NOT NULL DEFAULT 'QUEUED',
    "commit" TEXT NOT NULL,
    "branch" TEXT NOT NULL,
    "message" TEXT NOT NULL DEFAULT '',
    "clean" BOOLEAN NOT NULL DEFAULT false,
    "sourceDigest" TEXT NOT NULL,
    "requestedById" UUID NOT NULL,
    "slugId" UUID,
    "builderId" TEXT,
    "leaseUntil" TIMESTAMPTZ(3),
    "deadlineAt" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "cancelRequestedAt" TIMESTAMPTZ(3),
    "refMovedAt" TIMESTAMPTZ(3),
    "failureReason" "BuildFailureReason",
    "failureMessage" TEXT,
    "failureHint" TEXT,
    "failureLines" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "queuedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "startedAt" TIMESTAMPTZ(3),
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Build_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "BuildStep" (
    "id" UUID NOT NULL,
    "buildId" UUID NOT NULL,
    "index" INTEGER NOT NULL,
    "kind" "BuildStepKind" NOT NULL,
    "name" TEXT NOT NULL,
    "status" "BuildStepStatus" NOT NULL DEFAULT 'RUNNING',
    "cacheHit" BOOLEAN,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "BuildStep_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Slug" (
    "id" UUID NOT NULL,
    "appId" UUID NOT NULL,
    "digest" TEXT NOT NULL,
    "size" BIGINT NOT NULL,
    "stack" TEXT NOT NULL,
    "buildpacks" TEXT[],
    "processTypes" JSONB NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Slug_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Config" (
    "id" UUID NOT NULL,
    "appId" UUID NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Config_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ConfigEntry" (
    "configId" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "ciphertext" BYTEA NOT NULL,
    "digest" TEXT NOT NULL,
    "sealed" BOOLEAN NOT NULL DEFAULT false,
    "setAt" TIMESTAMPTZ(3) NOT NULL,
    "setById" UUID NOT NULL,

    CONSTRAINT "ConfigEntry_pkey" PRIMARY KEY ("configId","key")
);

-- CreateTable
CREATE TABLE "Release" (
    "id" UUID NOT NULL,
    "appId" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "reason" "ReleaseReason" NOT NULL,
    "status" "ReleaseStatus" NOT NULL DEFAULT 'PENDING',
    "slugId" UUID,
    "configId" UUID NOT NULL,
    "buildId" UUID,
    "rolledBackTo" INTEGER,
    "restart" BOOLEAN NOT NULL DEFAULT true,
    "description" TEXT NOT NULL,
    "createdById" UUID,
    "failureReason" "ReleaseFailureReason",
    "failureMessage" TEXT,
    "failureHint" TEXT,
    "failureLines" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "exitCode" INTEGER,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "startedAt" TIMESTAMPTZ(3),
    "commandEndedAt" TIMESTAMPTZ(3),
    "deadlineAt" TIMESTAMPTZ(3),
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Release_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Process" (
    "id" UUID NOT NULL,
    "appId" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL,
    "size" "ProcessSize" NOT NULL DEFAULT 'SMALL',
    "restarts" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "Process_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Replica" (
    "id" UUID NOT NULL,
    "appId" UUID NOT NULL,
    "releaseId" UUID NOT NULL,
    "process" TEXT NOT NULL,
    "index" INTEGER NOT NULL,
    "status" "ReplicaStatus" NOT NULL DEFAULT 'STARTING',
    "restarts" INTEGER NOT NULL DEFAULT 0,
    "exitCode" INTEGER,
    "exitReason" TEXT,
    "replaceRequestedAt" TIMESTAMPTZ(3),
    "startedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "readyAt" TIMESTAMPTZ(3),
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Replica_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Event" (
    "id" UUID NOT NULL,
    "appId" UUID,
    "number" INTEGER,
    "type" TEXT NOT NULL,
    "deployId" UUID,
    "actorId" UUID,
    "apiKeyId" UUID,
    "data" JSONB NOT NULL DEFAULT '{}',
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Idempotency" (
    "userId" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "mutation" TEXT NOT NULL,
    "inputHash" TEXT NOT NULL,
    "resultId" UUID,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Idempotency_pkey" PRIMARY KEY ("userId","key")
);

-- CreateTable
CREATE TABLE "Lease" (
    "name" TEXT NOT NULL,
    "holder" TEXT NOT NULL,
    "term" INTEGER NOT NULL DEFAULT 1,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Lease_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "LogSegment" (
    "id" UUID NOT NULL,
    "appId" UUID NOT NULL,
    "epoch" TEXT NOT NULL,
    "firstSeq" BIGINT NOT NULL,
    "lastSeq" BIGINT NOT NULL,
    "firstAt" TIMESTAMPTZ(3) NOT NULL,
    "lastAt" TIMESTAMPTZ(3) NOT NULL,
    "lines" INTEGER NOT NULL,
    "size" INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "LogSegment_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "User_email_key" ON "User"("email");

-- CreateIndex
CREATE UNIQUE INDEX "ApiKey_hash_key" ON "ApiKey"("hash");

-- CreateIndex
CREATE INDEX "ApiKey_userId_idx" ON "ApiKey"("userId");

-- CreateIndex
CREATE UNIQUE INDEX "App_name_key" ON "App"("name");

-- CreateIndex
CREATE INDEX "App_ownerId_idx" ON "App"("ownerId");

-- CreateIndex
CREATE INDEX "Build_status_leaseUntil_idx" ON "Build"("status", "leaseUntil");

-- CreateIndex
CREATE UNIQUE INDEX "Build_appId_number_key" ON "Build"("appId", "number");

-- CreateIndex
CREATE UNIQUE INDEX "BuildStep_buildId_index_key" ON "BuildStep"("buildId", "index");

-- CreateIndex
CREATE UNIQUE INDEX "Slug_appId_digest_key" ON "Slug"("appId", "digest");

-- CreateIndex
CREATE INDEX "Config_appId_idx" ON "Config"("appId");

-- CreateIndex
CREATE UNIQUE INDEX "Release_buildId_key" ON "Release"("buildId");

-- CreateIndex
CREATE INDEX "Release_appId_status_idx" ON "Release"("appId", "status");

-- CreateIndex
CREATE UNIQUE INDEX "Release_appId_version_key" ON "Release"("appId", "version");

-- CreateIndex
CREATE UNIQUE INDEX "Process_appId_type_key" ON "Process"("appId", "type");

-- CreateIndex
CREATE INDEX "Replica_appId_status_idx" ON "Replica"("appId", "status");

-- CreateIndex
CREATE INDEX "Event_deployId_idx" ON "Event"("deployId");

-- CreateIndex
CREATE UNIQUE INDEX "Event_appId_number_key" ON "Event"("appId", "number");

-- CreateIndex
CREATE INDEX "Idempotency_createdAt_idx" ON "Idempotency"("createdAt");

-- CreateIndex
CREATE UNIQUE INDEX "LogSegment_appId_epoch_firstSeq_key" ON "LogSegment"("appId", "epoch", "firstSeq");

-- AddForeignKey
ALTER TABLE "ApiKey" ADD CONSTRAINT "ApiKey_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ApiKey" ADD CONSTRAINT "ApiKey_appId_fkey" FOREIGN KEY ("appId") REFERENCES "App"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "App" ADD CONSTRAINT "App_ownerId_fkey" FOREIGN KEY ("ownerId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Build" ADD CONSTRAINT "Build_appId_fkey" FOREIGN KEY ("appId") REFERENCES "App"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Build" ADD CONSTRAINT "Build_requestedById_fkey" FOREIGN KEY ("requestedById") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Build" ADD CONSTRAINT "Build_slugId_fkey" FOREIGN KEY ("slugId") REFERENCES "Slug"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "BuildStep" ADD CONSTRAINT "BuildStep_buildId_fkey" FOREIGN KEY ("buildId") REFERENCES "Build"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Slug" ADD CONSTRAINT "Slug_appId_fkey" FOREIGN KEY ("appId") REFERENCES "App"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Config" ADD CONSTRAINT "Config_appId_fkey" FOREIGN KEY ("appId") REFERENCES "App"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ConfigEntry" ADD CONSTRAINT "ConfigEntry_configId_fkey" FOREIGN KEY ("configId") REFERENCES "Config"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Release" ADD CONSTRAINT "Release_appId_fkey" FOREIGN KEY ("appId") REFERENCES "App"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Release" ADD CONSTRAINT "Release_slugId_fkey" FOREIGN KEY ("slugId") REFERENCES "Slug"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Release" ADD CONSTRAINT "Release_configId_fkey" FOREIGN KEY ("configId") REFERENCES "Config"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Release" ADD CONSTRAINT "Release_buildId_fkey" FOREIGN KEY ("buildId") REFERENCES "Build"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Release" ADD CONSTRAINT "Release_createdById_fkey" FOREIGN KEY ("createdById") REFERENCES "User"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Process" ADD CONSTRAINT "Process_appId_fkey" FOREIGN KEY ("appId") REFERENCES "App"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Replica" ADD CONSTRAINT "Replica_appId_fkey" FOREIGN KEY ("appId") REFERENCES "App"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Replica" ADD CONSTRAINT "Replica_releaseId_fkey" FOREIGN KEY ("releaseId") REFERENCES "Release"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Event" ADD CONSTRAINT "Event_appId_fkey" FOREIGN KEY ("appId") REFERENCES "App"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Event" ADD CONSTRAINT "Event_actorId_fkey" FOREIGN KEY ("actorId") REFERENCES "User"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Event" ADD CONSTRAINT "Event_apiKeyId_fkey" FOREIGN KEY ("apiKeyId") REFERENCES "ApiKey"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LogSegment" ADD CONSTRAINT "LogSegment_appId_fkey" FOREIGN KEY ("appId") REFERENCES "App"("id") ON DELETE CASCADE ON UPDATE CASCADE;

