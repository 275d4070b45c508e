-- DropIndex
DROP INDEX "Slug_appId_digest_key";

-- CreateIndex
CREATE INDEX "Slug_appId_digest_idx" ON "Slug"("appId", "digest");
